#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "elf/elf_image.h"
#include "memory/address_space.h"

namespace corewalk {

/// The bytes of one symbol table. Does not own.
struct SymbolTable {
  std::span<const std::byte> entries;   ///< Elf64_Sym, 24 bytes each
  std::span<const std::byte> names;     ///< string table
  std::span<const std::byte> gnu_hash;  ///< DT_GNU_HASH of `entries`; may be empty
  bool is_full = false;                 ///< .symtab
};

/// The symbol tables of a file: .dynsym first, then .symtab. Empty if it has none, or if its
/// section headers are damaged.
[[nodiscard]] std::vector<SymbolTable> symbol_tables(const ElfImage& image);

/// The dynamic symbol table of a module as it lies in the memory of the process, `load_bias_bytes`
/// from where its file says. Found in cores that hold the module's read-only pages (gcore,
/// coredump_filter 0x7f). Empty if not all of it is there.
[[nodiscard]] std::vector<SymbolTable> symbol_tables(const AddressSpace& memory,
                                                     Address dynamic_segment,
                                                     uint64_t dynamic_size_bytes,
                                                     uint64_t load_bias_bytes);

/// True for a file made by `objcopy --only-keep-debug`: it has the headers and the build-id of the
/// program, but not its bytes.
[[nodiscard]] bool is_debug_information_only(const ElfImage& image);

}  // namespace corewalk
