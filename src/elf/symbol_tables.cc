#include "elf/symbol_tables.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <memory>

#include "elf/byte_cursor.h"
#include "elf/gnu_hash.h"
#include "memory/segmented_memory.h"

namespace corewalk {
namespace {

struct EndElf {
  void operator()(Elf* elf) const { ::elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

/// libelf reads the section headers. Everything else about ELF files is read by hand, because
/// libelf gives up on a file that is cut off where we salvage what is left. Null if it cannot.
ElfHandle open_sections(const ElfImage& image) {
  static const bool is_usable = ::elf_version(EV_CURRENT) != EV_NONE;
  if (!is_usable) return nullptr;
  // libelf writes only in elf_update(), which is never called.
  auto* const bytes = reinterpret_cast<char*>(const_cast<std::byte*>(image.bytes().data()));
  return ElfHandle(::elf_memory(bytes, image.bytes().size()));
}

/// Calls `visit(header)` for each section.
template <class Visit>
void each_section(Elf* elf, Visit visit) {
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) != nullptr) visit(header);
  }
}

std::span<const std::byte> content(const ElfImage& image, const GElf_Shdr& header) {
  if (header.sh_type == SHT_NOBITS) return {};
  return clip(image.bytes(), header.sh_offset, header.sh_size);
}

std::vector<SymbolTable> tables_by_sections(const ElfImage& image) {
  const ElfHandle elf = open_sections(image);
  if (elf == nullptr) return {};
  SymbolTable dynamic;
  SymbolTable full;
  full.is_full = true;
  each_section(elf.get(), [&](const GElf_Shdr& header) {
    if (header.sh_type == SHT_GNU_HASH) dynamic.gnu_hash = content(image, header);
    if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM) return;
    if (header.sh_entsize != sizeof(Elf64_Sym)) return;
    GElf_Shdr names;
    if (::gelf_getshdr(::elf_getscn(elf.get(), header.sh_link), &names) == nullptr) return;
    SymbolTable& table = header.sh_type == SHT_SYMTAB ? full : dynamic;
    table.entries = content(image, header);
    table.names = content(image, names);
  });
  std::vector<SymbolTable> tables;
  if (!dynamic.entries.empty()) tables.push_back(dynamic);
  if (!full.entries.empty()) tables.push_back(full);
  return tables;
}

/// What PT_DYNAMIC says about the dynamic symbol table. Addresses as they stand there.
struct DynamicInfo {
  uint64_t symbols = 0;
  uint64_t names = 0;
  uint64_t names_size_bytes = 0;
  uint64_t gnu_hash = 0;
  uint64_t hash = 0;
};

DynamicInfo read_dynamic(std::span<const std::byte> bytes) {
  DynamicInfo info;
  ByteCursor cursor(bytes);
  while (const auto entry = cursor.read<Elf64_Dyn>()) {
    if (entry->d_tag == DT_NULL) break;
    const uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
      case DT_SYMTAB:
        info.symbols = value;
        break;
      case DT_STRTAB:
        info.names = value;
        break;
      case DT_STRSZ:
        info.names_size_bytes = value;
        break;
      case DT_GNU_HASH:
        info.gnu_hash = value;
        break;
      case DT_HASH:
        info.hash = value;
        break;
      default:
        break;
    }
  }
  return info;
}

}  // namespace

std::vector<SymbolTable> symbol_tables(const ElfImage& image) {
  std::vector<SymbolTable> tables = tables_by_sections(image);
  if (!tables.empty()) return tables;
  // No section headers (stripped of them, or the file is cut off): the loader does without, too.
  const SegmentedMemory memory(image.pieces());
  for (const ProgramHeader& header : image.program_headers()) {
    if (header.type != SegmentType::kDynamic) continue;
    tables = symbol_tables(memory, Address(header.address), header.file_size_bytes, 0);
  }
  return tables;
}

std::vector<SymbolTable> symbol_tables(const AddressSpace& memory, Address dynamic_segment,
                                       uint64_t dynamic_size_bytes, uint64_t load_bias_bytes) {
  constexpr uint64_t kMostBytes = uint64_t{1} << 30;
  const auto dynamic =
      memory.view_prefix(dynamic_segment, std::min(dynamic_size_bytes, kMostBytes));
  if (!dynamic) return {};
  const DynamicInfo info = read_dynamic(dynamic->bytes());
  if (info.symbols == 0 || info.names == 0) return {};
  // glibc's loader adds the load bias to these values in place, musl's does not.
  const auto in_memory = [&](uint64_t value) {
    const bool is_relocated = memory.residency(Address(value)) == Residency::kPresent;
    return Address(is_relocated ? value : value + load_bias_bytes);
  };
  SymbolTable table;
  std::optional<uint64_t> count;
  if (info.gnu_hash != 0) {
    if (const auto bytes = memory.view_prefix(in_memory(info.gnu_hash), kMostBytes)) {
      table.gnu_hash = bytes->bytes();
      if (const auto hash = GnuHash::parse(table.gnu_hash)) count = hash->symbol_count();
    }
  }
  if (!count && info.hash != 0) {
    // nbucket, nchain; the latter is the number of symbols.
    const auto chains = memory.read<uint32_t>(in_memory(info.hash) + sizeof(uint32_t));
    if (chains) count = *chains;
  }
  if (!count || *count > kMostBytes) return {};
  const auto entries =
      memory.view(AddressRange(in_memory(info.symbols), *count * sizeof(Elf64_Sym)));
  const auto names = memory.view(AddressRange(in_memory(info.names), info.names_size_bytes));
  if (!entries || !names) return {};
  table.entries = entries->bytes();
  table.names = names->bytes();
  return {table};
}

bool is_debug_information_only(const ElfImage& image) {
  const ElfHandle elf = open_sections(image);
  if (elf == nullptr) return false;
  bool has_code = false;
  bool lacks_code = false;
  each_section(elf.get(), [&](const GElf_Shdr& header) {
    if ((header.sh_flags & SHF_EXECINSTR) == 0) return;
    (header.sh_type == SHT_NOBITS ? lacks_code : has_code) = true;
  });
  return lacks_code && !has_code;
}

}  // namespace corewalk
