#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"

namespace corewalk {

/// A symbol of the target's binary, at its address in the process (load bias applied).
struct Symbol {
  std::string_view name;
  Address address;
  uint64_t size_bytes = 0;
};

/// The symbols of the binary that holds V8 (the executable, or libnode.so). Served from .symtab or,
/// in a stripped binary, from .dynsym.
class SymbolSource {
 public:
  virtual ~SymbolSource() = default;
  [[nodiscard]] virtual std::optional<Symbol> find(std::string_view name) const = 0;
  /// All symbols whose name starts with `prefix`, in order of name. Valid as long as *this.
  [[nodiscard]] virtual std::span<const Symbol> with_prefix(std::string_view prefix) const = 0;
  /// The function or object that `address` lies in, for showing where code was. Nothing if no
  /// symbol covers it.
  [[nodiscard]] virtual std::optional<Symbol> find_containing(Address /*address*/) const {
    return std::nullopt;
  }
  /// Offset of a thread-local variable in the block of its module (ThreadInfo::tls_block). Such
  /// symbols have no address, so neither find() nor with_prefix() gives them.
  [[nodiscard]] virtual std::optional<uint64_t> thread_local_offset(
      std::string_view /*name*/) const {
    return std::nullopt;
  }
  /// True if the binary still has .symtab.
  [[nodiscard]] virtual bool has_full_symbols() const = 0;
};

/// No binary: every look-up misses.
class NoSymbols final : public SymbolSource {
 public:
  [[nodiscard]] std::optional<Symbol> find(std::string_view /*name*/) const override { return {}; }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view /*prefix*/) const override {
    return {};
  }
  [[nodiscard]] bool has_full_symbols() const override { return false; }
};

}  // namespace corewalk
