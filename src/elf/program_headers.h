#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "memory/process_info.h"

namespace corewalk {

/// What an ELF file is.
enum class ElfType : uint8_t { kExecutable, kShared, kCore, kOther };

/// The ELF header of a 64-bit little-endian file, checked for nothing but its size and identity.
struct ElfHeader {
  ElfType type = ElfType::kOther;
  uint16_t machine = 0;  ///< EM_*
  uint64_t entry = 0;
  uint64_t program_headers_offset = 0;
  uint64_t program_header_count = 0;  ///< declared; PN_XNUM resolved if section header 0 is there
  bool count_is_lost = false;         ///< PN_XNUM, and section header 0 is not in the file
  uint16_t program_header_size_bytes = 0;
};

/// Why some bytes are no ELF header we can use.
enum class HeaderProblem : uint8_t {
  kNone,
  kTooShort,
  kNotElf,
  k32Bit,
  kBigEndian,
  kOddHeaderSize,  ///< e_phentsize is not that of a 64-bit file
};

/// Reads the header at the start of `file` into `header`. For kOddHeaderSize it is filled, too.
[[nodiscard]] HeaderProblem read_elf_header(std::span<const std::byte> file, ElfHeader* header);

/// The machines we know, or nothing.
[[nodiscard]] std::optional<Machine> known_machine(uint16_t elf_machine);

enum class SegmentType : uint8_t {
  kLoad,
  kDynamic,
  kNote,
  kTls,
  kPhdr,
  kInterpreter,
  kUnwindIndex,  ///< .eh_frame_hdr
  kOther,
};

/// A program header, as it stands in the file: no field of it is checked.
struct ProgramHeader {
  SegmentType type = SegmentType::kOther;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  uint64_t offset = 0;
  uint64_t address = 0;
  uint64_t file_size_bytes = 0;
  uint64_t memory_size_bytes = 0;
  uint64_t align = 0;
};

/// Thread-local storage of a module (PT_TLS).
struct TlsTemplate {
  uint64_t size_bytes = 0;  ///< in memory, .tbss included
  uint64_t align = 1;       ///< a power of two
  Address address;          ///< of the template, as in the file; matters modulo `align` only
};

/// The one among `headers`, if any.
[[nodiscard]] std::optional<TlsTemplate> find_tls(const std::vector<ProgramHeader>& headers);

/// Size of one program header in a 64-bit file.
inline constexpr uint64_t kProgramHeaderSize = 56;

/// Decodes the program headers in `table`; a partial one at the end is left out.
[[nodiscard]] std::vector<ProgramHeader> read_program_headers(std::span<const std::byte> table);

}  // namespace corewalk
