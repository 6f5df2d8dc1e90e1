#include "elf/program_headers.h"

#include <elf.h>

#include <bit>
#include <cstring>

#include "elf/byte_cursor.h"

namespace corewalk {
namespace {

static_assert(sizeof(Elf64_Phdr) == kProgramHeaderSize);

ElfType to_type(uint16_t e_type) {
  switch (e_type) {
    case ET_EXEC:
      return ElfType::kExecutable;
    case ET_DYN:
      return ElfType::kShared;
    case ET_CORE:
      return ElfType::kCore;
    default:
      return ElfType::kOther;
  }
}

SegmentType to_type(uint32_t p_type) {
  switch (p_type) {
    case PT_LOAD:
      return SegmentType::kLoad;
    case PT_DYNAMIC:
      return SegmentType::kDynamic;
    case PT_NOTE:
      return SegmentType::kNote;
    case PT_TLS:
      return SegmentType::kTls;
    case PT_PHDR:
      return SegmentType::kPhdr;
    case PT_INTERP:
      return SegmentType::kInterpreter;
    case PT_GNU_EH_FRAME:
      return SegmentType::kUnwindIndex;
    default:
      return SegmentType::kOther;
  }
}

}  // namespace

HeaderProblem read_elf_header(std::span<const std::byte> file, ElfHeader* header) {
  if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0) {
    return HeaderProblem::kNotElf;
  }
  const auto raw = read_at<Elf64_Ehdr>(file, 0);
  if (!raw) return HeaderProblem::kTooShort;
  if (raw->e_ident[EI_CLASS] != ELFCLASS64) return HeaderProblem::k32Bit;
  if (raw->e_ident[EI_DATA] != ELFDATA2LSB) return HeaderProblem::kBigEndian;
  header->type = to_type(raw->e_type);
  header->machine = raw->e_machine;
  header->entry = raw->e_entry;
  header->program_headers_offset = raw->e_phoff;
  header->program_header_count = raw->e_phnum;
  header->program_header_size_bytes = raw->e_phentsize;
  if (raw->e_phnum == PN_XNUM) {
    // 65535 headers or more: the count stands in sh_info of section header 0, which the kernel
    // writes at the very end of the core.
    const auto first = raw->e_shoff == 0 ? std::nullopt : read_at<Elf64_Shdr>(file, raw->e_shoff);
    if (first) {
      header->program_header_count = first->sh_info;
    } else {
      header->count_is_lost = true;
    }
  }
  return raw->e_phentsize == sizeof(Elf64_Phdr) ? HeaderProblem::kNone
                                                : HeaderProblem::kOddHeaderSize;
}

std::optional<Machine> known_machine(uint16_t elf_machine) {
  switch (elf_machine) {
    case EM_X86_64:
      return Machine::kX86_64;
    case EM_AARCH64:
      return Machine::kAArch64;
    default:
      return std::nullopt;
  }
}

std::optional<TlsTemplate> find_tls(const std::vector<ProgramHeader>& headers) {
  for (const ProgramHeader& header : headers) {
    if (header.type != SegmentType::kTls) continue;
    return TlsTemplate{.size_bytes = header.memory_size_bytes,
                       .align = std::has_single_bit(header.align) ? header.align : uint64_t{1},
                       .address = Address(header.address)};
  }
  return std::nullopt;
}

std::vector<ProgramHeader> read_program_headers(std::span<const std::byte> table) {
  std::vector<ProgramHeader> headers;
  headers.reserve(table.size() / sizeof(Elf64_Phdr));
  ByteCursor cursor(table);
  while (const auto raw = cursor.read<Elf64_Phdr>()) {
    headers.push_back({.type = to_type(raw->p_type),
                       .readable = (raw->p_flags & PF_R) != 0,
                       .writable = (raw->p_flags & PF_W) != 0,
                       .executable = (raw->p_flags & PF_X) != 0,
                       .offset = raw->p_offset,
                       .address = raw->p_vaddr,
                       .file_size_bytes = raw->p_filesz,
                       .memory_size_bytes = raw->p_memsz,
                       .align = raw->p_align});
  }
  return headers;
}

}  // namespace corewalk
