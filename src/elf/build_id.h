#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "elf/elf_image.h"
#include "elf/notes.h"
#include "memory/address_space.h"
#include "memory/process_info.h"

namespace corewalk {

/// An executable or library as the core alone shows it.
struct CoreModule {
  std::string path;              ///< as NT_FILE or AT_EXECFN has it; empty if the core does not say
  std::optional<Address> base;   ///< where the start of the file is mapped
  bool is_in_auxv = true;        ///< AT_ENTRY and AT_PHDR are about it
  bool is_program = true;        ///< first module of the process: its TLS has a fixed place
  bool has_headers = false;      ///< its ELF and program headers are in the core
  bool has_notes = false;        ///< its notes are, too: then an empty build_id means "has none"
  std::string build_id;          ///< hex
  uint64_t load_bias_bytes = 0;  ///< only if has_headers
  std::optional<TlsTemplate> tls;
  Address dynamic_segment;  ///< PT_DYNAMIC, biased; null if there is none
  uint64_t dynamic_size_bytes = 0;
  AddressRange range;          ///< of all its PT_LOADs, biased
  AddressRange unwind_tables;  ///< from PT_GNU_EH_FRAME to the end of its PT_LOAD, biased
};

/// The main executable, also if it was started as "ld.so node". `core` must be the core's memory
/// alone, without bytes from files.
[[nodiscard]] CoreModule find_executable(const CoreNotes& notes, const AddressSpace& core);

/// The first mapped file whose base name starts with `prefix` ("libnode.so").
[[nodiscard]] std::optional<CoreModule> find_library(const CoreNotes& notes,
                                                     const AddressSpace& core,
                                                     std::string_view prefix);

/// The module whose ELF header is mapped at `base`.
[[nodiscard]] CoreModule read_module(const AddressSpace& core, const std::string& path,
                                     Address base);

/// The first mapped file with this build-id (hex, not empty).
[[nodiscard]] std::optional<CoreModule> find_by_build_id(const CoreNotes& notes,
                                                         const AddressSpace& core,
                                                         std::string_view build_id);

/// Verdict on a file, with the reason in words.
struct BinaryCheck {
  BinaryVerdict verdict = BinaryVerdict::kUnverified;
  std::string reason;
};

/// Is `image` the file that `module` was mapped from? By build-id; if the core does not hold it,
/// the auxiliary vector (AT_ENTRY, AT_PHNUM) can still tell a wrong executable.
[[nodiscard]] BinaryCheck check_binary(const ElfImage& image, const CoreModule& module,
                                       Machine machine, const std::map<uint64_t, uint64_t>& auxv);

/// Address in the process minus address in the file (modulo 2^64) of `image` mapped as `module`.
/// Nothing if the core does not tell.
[[nodiscard]] std::optional<uint64_t> load_bias(const ElfImage& image, const CoreModule& module,
                                                const std::map<uint64_t, uint64_t>& auxv);

}  // namespace corewalk
