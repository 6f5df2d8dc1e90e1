#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "elf/binary_locator.h"
#include "elf/core_file.h"
#include "memory/code_modules.h"
#include "memory/process_info.h"
#include "memory/segmented_memory.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// A dead process put together again: the core's memory, completed by the read-only pages of the
/// files it ran; its symbols; its facts. What the upper layers start from.
class ProcessImage {
 public:
  /// Throws Failure: kUsage about the core file or the executable the user named, kUnsupported if
  /// the core is of a machine we do not know.
  static ProcessImage open(const std::filesystem::path& core, const BinarySearch& search);

  /// Where the core and a file disagree the core is right: files only fill what it has not. Lives
  /// as long as *this, wherever it is moved to; so do symbols() and info().
  [[nodiscard]] const AddressSpace& memory() const { return *memory_; }
  /// Of the module that holds V8: libnode.so if the process had one, else the executable. Misses
  /// everything if there is no file and the core does not hold the module's symbol table either.
  [[nodiscard]] const SymbolSource& symbols() const { return *symbols_; }
  [[nodiscard]] const ProcessInfo& info() const { return *info_; }
  /// The files with code that the process had loaded.
  [[nodiscard]] const CodeModules& modules() const { return *modules_; }

  [[nodiscard]] const CoreFile& core() const { return *core_; }

 private:
  ProcessImage() = default;

  std::unique_ptr<CoreFile> core_;
  std::unique_ptr<BinaryLocation> binaries_;
  std::unique_ptr<SegmentedMemory> memory_;
  std::unique_ptr<SymbolSource> symbols_;
  std::unique_ptr<ProcessInfo> info_;
  std::unique_ptr<CodeModules> modules_;
};

}  // namespace corewalk
