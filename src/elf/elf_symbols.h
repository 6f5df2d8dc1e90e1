#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/symbol_tables.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// Looks symbols up in the tables of one module. Nothing is read at construction; what a look-up
/// needs is built at the first one and kept. Thread-safe.
class ElfSymbols final : public SymbolSource {
 public:
  /// The bytes behind `tables` must live as long as *this.
  ElfSymbols(std::vector<SymbolTable> tables, uint64_t load_bias_bytes);

  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override;
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view prefix) const override;
  [[nodiscard]] std::optional<Symbol> find_containing(Address address) const override;
  [[nodiscard]] bool has_full_symbols() const override;
  [[nodiscard]] std::optional<uint64_t> thread_local_offset(std::string_view name) const override;

 private:
  class NameIndex;
  class AddressIndex;
  struct Entry;

  [[nodiscard]] std::optional<Entry> find_entry(std::string_view name, bool is_tls) const;
  [[nodiscard]] const NameIndex& index_of(size_t table) const;
  [[nodiscard]] const AddressIndex& address_index() const;

  std::vector<SymbolTable> tables_;
  uint64_t load_bias_bytes_ = 0;

  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const NameIndex>> indices_;  // parallel to tables_
  mutable std::shared_ptr<const AddressIndex> by_address_;
  mutable std::map<std::string, std::vector<Symbol>, std::less<>> by_prefix_;
};

}  // namespace corewalk
