#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "elf/symbol_tables.h"
#include "memory/address_space.h"
#include "memory/code_modules.h"
#include "memory/process_info.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// The modules of a process by the list of its mapped files. A library's file is opened when an
/// address in it is first asked for, and used only if its build-id is that of the process: wrong
/// unwind tables and symbols look as good as right ones. If it is stripped, its symbols are those
/// of the separate debug file, if that is installed. Thread-safe.
class LoadedModules final : public CodeModules {
 public:
  /// `memory` holds the read-only bytes of the module with V8, `v8_symbols` its symbols. Libraries
  /// are looked for where the process had them and in `directories`, which may be roots of file
  /// systems or hold the files themselves. All must live as long as *this.
  LoadedModules(const ProcessInfo& process, const AddressSpace& memory,
                const SymbolSource& v8_symbols, std::vector<std::filesystem::path> directories);
  ~LoadedModules() override;

  [[nodiscard]] const CodeModule* find(Address address) const override;

 private:
  struct Entry;

  void list() const;
  void open(Entry& entry) const;
  void use_core(Entry& entry) const;
  [[nodiscard]] bool use_file(const std::filesystem::path& path, Entry& entry) const;
  void add_debug_symbols(Entry& entry, std::vector<SymbolTable>& tables) const;
  [[nodiscard]] std::vector<std::filesystem::path> candidates(const std::string& path) const;

  const ProcessInfo& process_;
  const AddressSpace& memory_;
  const SymbolSource& v8_symbols_;
  std::vector<std::filesystem::path> directories_;
  NoSymbols no_symbols_;
  mutable std::mutex mutex_;
  mutable bool is_listed_ = false;
  mutable std::vector<std::unique_ptr<Entry>> entries_;  ///< by range
};

}  // namespace corewalk
