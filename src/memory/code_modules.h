#pragma once

#include <string>

#include "base/address.h"
#include "memory/address_space.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// A file with machine code that the process had loaded: its program, a library, the kernel's vdso.
/// Belongs to a CodeModules.
struct CodeModule {
  std::string path;  ///< as the process knew it; "[vdso]" for the kernel's
  AddressRange range;
  /// From the start of .eh_frame_hdr to the end of the segment it lies in; empty if there is none.
  AddressRange unwind_tables;
  const AddressSpace* constants = nullptr;  ///< its read-only bytes, from its file or the core
  const SymbolSource* symbols = nullptr;
  std::string problem;  ///< what is missing, for the user, if `constants` does not hold the file's
};

/// All of them.
class CodeModules {
 public:
  virtual ~CodeModules() = default;
  /// The module whose mapping holds `address`, or null. Valid as long as *this.
  [[nodiscard]] virtual const CodeModule* find(Address address) const = 0;
};

}  // namespace corewalk
