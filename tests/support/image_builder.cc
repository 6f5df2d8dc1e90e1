#include "support/image_builder.h"

#include <elf.h>

#include <algorithm>

namespace corewalk::test {
namespace {

constexpr uint64_t kNoteOffset = 0x400;
constexpr uint64_t kInterpreterOffset = 0x480;
constexpr uint64_t kTablesOffset = 0x1000;
constexpr uint64_t kPageSize = 4096;
constexpr size_t kDynamicEntries = 6;

uint32_t gnu_hash(const std::string& name) {
  uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

struct Tables {
  Bytes symbols;
  Bytes names;
  Bytes hash;
};

Elf64_Sym make_symbol(const ImageSymbol& symbol, uint32_t name_offset) {
  using Kind = ImageSymbol::Kind;
  Elf64_Sym raw = {};
  const unsigned type = symbol.kind == Kind::kFunction      ? unsigned{STT_FUNC}
                        : symbol.kind == Kind::kThreadLocal ? unsigned{STT_TLS}
                                                            : unsigned{STT_OBJECT};
  const unsigned binding = symbol.is_local ? unsigned{STB_LOCAL} : unsigned{STB_GLOBAL};
  raw.st_name = name_offset;
  raw.st_info = static_cast<unsigned char>(ELF64_ST_INFO(binding, type));
  raw.st_shndx = symbol.kind == Kind::kUndefined  ? uint16_t{SHN_UNDEF}
                 : symbol.kind == Kind::kAbsolute ? uint16_t{SHN_ABS}
                                                  : uint16_t{1};
  raw.st_value = symbol.value;
  raw.st_size = symbol.size;
  return raw;
}

/// Undefined symbols come first and are not hashed; the others lie sorted by bucket.
Tables make_tables(std::vector<ImageSymbol> symbols, bool is_hashed) {
  const auto bucket_count = static_cast<uint32_t>(symbols.size() / 2 + 1);
  const auto is_undefined = [](const ImageSymbol& s) {
    return s.kind == ImageSymbol::Kind::kUndefined;
  };
  const auto bucket_of = [&](const ImageSymbol& s) { return gnu_hash(s.name) % bucket_count; };
  if (is_hashed) {
    std::stable_sort(symbols.begin(), symbols.end(),
                     [&](const ImageSymbol& a, const ImageSymbol& b) {
                       if (is_undefined(a) != is_undefined(b)) return is_undefined(a);
                       return !is_undefined(a) && bucket_of(a) < bucket_of(b);
                     });
  }
  ByteWriter entries;
  ByteWriter names;
  names.put('\0');
  entries.put(Elf64_Sym{});
  for (const ImageSymbol& symbol : symbols) {
    entries.put(make_symbol(symbol, static_cast<uint32_t>(names.size())));
    names.put_string(symbol.name);
  }
  const auto undefined =
      static_cast<uint32_t>(std::count_if(symbols.begin(), symbols.end(), is_undefined));
  const uint32_t first = undefined + 1;
  std::vector<uint32_t> buckets(bucket_count);
  std::vector<uint32_t> chain;
  for (size_t i = undefined; i < symbols.size(); ++i) {
    const uint32_t bucket = bucket_of(symbols[i]);
    if (buckets[bucket] == 0) buckets[bucket] = static_cast<uint32_t>(i + 1);
    const bool is_last = i + 1 == symbols.size() || bucket_of(symbols[i + 1]) != bucket;
    chain.push_back((gnu_hash(symbols[i].name) & ~1U) | (is_last ? 1U : 0U));
  }
  ByteWriter hash;
  hash.put(bucket_count).put(first).put(uint32_t{1}).put(uint32_t{6}).put(~uint64_t{0});
  hash.put_bytes(std::as_bytes(std::span(buckets))).put_bytes(std::as_bytes(std::span(chain)));
  return {entries.take(), names.take(), hash.take()};
}

struct Layout {
  Tables dynamic;
  uint64_t hash = 0;
  uint64_t symbols = 0;
  uint64_t names = 0;
  uint64_t constant_end = 0;
  uint64_t dynamic_segment = 0;
  uint64_t data = 0;
};

Layout lay_out(const ImageSpec& spec) {
  const auto align8 = [](uint64_t offset) { return (offset + 7) & ~uint64_t{7}; };
  Layout layout;
  layout.dynamic = make_tables(spec.dynamic_symbols, true);
  layout.hash = kTablesOffset;
  layout.symbols = align8(layout.hash + layout.dynamic.hash.size());
  layout.names = layout.symbols + layout.dynamic.symbols.size();
  layout.constant_end = layout.names + layout.dynamic.names.size();
  layout.dynamic_segment = (layout.constant_end + kPageSize - 1) & ~(kPageSize - 1);
  layout.data = layout.dynamic_segment + kDynamicEntries * sizeof(Elf64_Dyn);
  return layout;
}

Elf64_Phdr make_segment(const ImageSpec& spec, uint32_t type, uint32_t flags, uint64_t offset,
                        uint64_t size) {
  Elf64_Phdr header = {};
  header.p_type = type;
  header.p_flags = flags;
  header.p_offset = offset;
  header.p_vaddr = spec.base + offset;
  header.p_filesz = size;
  header.p_memsz = size;
  header.p_align = type == PT_NOTE ? 4 : kPageSize;
  return header;
}

void put_program_headers(const ImageSpec& spec, const Layout& layout, ByteWriter* file) {
  const uint64_t note_size = sizeof(Elf64_Nhdr) + 4 + spec.build_id.size();
  const uint64_t data_end = layout.data + spec.data.size();
  file->put(make_segment(spec, PT_LOAD, PF_R, 0, layout.constant_end));
  Elf64_Phdr data = make_segment(spec, PT_LOAD, PF_R | PF_W, layout.dynamic_segment,
                                 data_end - layout.dynamic_segment);
  data.p_memsz += 64;  // .bss
  file->put(data);
  file->put(make_segment(spec, PT_NOTE, PF_R, kNoteOffset, spec.build_id.empty() ? 0 : note_size));
  file->put(make_segment(spec, PT_DYNAMIC, PF_R | PF_W, layout.dynamic_segment,
                         kDynamicEntries * sizeof(Elf64_Dyn)));
  file->put(make_segment(spec, PT_INTERP, PF_R, kInterpreterOffset, 8));
  if (spec.tls_size) {
    Elf64_Phdr tls = make_segment(spec, PT_TLS, PF_R, layout.data, 0);
    tls.p_memsz = *spec.tls_size;
    tls.p_align = spec.tls_align;
    tls.p_vaddr = spec.base + layout.data / spec.tls_align * spec.tls_align;
    file->put(tls);
  }
}

Elf64_Shdr make_section(uint32_t type, uint64_t offset, uint64_t size, uint32_t link,
                        uint64_t entry_size) {
  Elf64_Shdr section = {};
  section.sh_type = type;
  section.sh_offset = offset;
  section.sh_size = size;
  section.sh_link = link;
  section.sh_entsize = entry_size;
  return section;
}

/// Appends .symtab and its names, then the section headers; returns where these begin.
uint64_t put_sections(const ImageSpec& spec, const Layout& layout, ByteWriter* file) {
  const Tables full = make_tables(spec.full_symbols, false);
  file->align(8);
  const uint64_t full_symbols = file->size();
  file->put_bytes(full.symbols);
  const uint64_t full_names = file->size();
  file->put_bytes(full.names).align(8);

  const uint64_t start = file->size();
  Elf64_Shdr text = make_section(spec.is_debug_information_only ? SHT_NOBITS : SHT_PROGBITS,
                                 ImageSpec::kConstantsOffset, 64, 0, 0);
  text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
  file->put(Elf64_Shdr{});
  file->put(text);
  if (!spec.dynamic_symbols.empty()) {
    file->put(make_section(SHT_DYNSYM, layout.symbols, layout.dynamic.symbols.size(), 3, 24));
    file->put(make_section(SHT_STRTAB, layout.names, layout.dynamic.names.size(), 0, 0));
    if (spec.has_gnu_hash) {
      file->put(make_section(SHT_GNU_HASH, layout.hash, layout.dynamic.hash.size(), 2, 0));
    }
  }
  if (!spec.full_symbols.empty()) {
    const auto names_index = static_cast<uint32_t>((file->size() - start) / sizeof(Elf64_Shdr) + 1);
    file->put(make_section(SHT_SYMTAB, full_symbols, full.symbols.size(), names_index, 24));
    file->put(make_section(SHT_STRTAB, full_names, full.names.size(), 0, 0));
  }
  return start;
}

}  // namespace

uint64_t ImageSpec::data_offset() const { return lay_out(*this).data; }

uint64_t ImageSpec::dynamic_offset() const { return lay_out(*this).dynamic_segment; }

Bytes ImageSpec::build() const {
  const Layout layout = lay_out(*this);
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = base == 0 ? ET_DYN : ET_EXEC;
  header.e_machine = machine == Machine::kX86_64 ? EM_X86_64 : EM_AARCH64;
  header.e_version = EV_CURRENT;
  header.e_entry = base + entry_offset;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<uint16_t>(program_header_count());

  ByteWriter file;
  file.put(header);
  put_program_headers(*this, layout, &file);
  file.pad_to(kNoteOffset);
  file.put(Elf64_Nhdr{4, static_cast<uint32_t>(build_id.size()), NT_GNU_BUILD_ID});
  file.put_string("GNU").put_bytes(build_id).pad_to(kInterpreterOffset).put_string("/ld.so1");
  file.pad_to(kConstantsOffset).put_bytes(constants).pad_to(kTablesOffset);
  file.put_bytes(layout.dynamic.hash).pad_to(layout.symbols).put_bytes(layout.dynamic.symbols);
  file.put_bytes(layout.dynamic.names).pad_to(layout.dynamic_segment);
  const auto put_dynamic = [&](int64_t tag, uint64_t value) { file.put(tag).put(value); };
  put_dynamic(DT_SYMTAB, base + layout.symbols);
  put_dynamic(DT_STRTAB, base + layout.names);
  put_dynamic(DT_STRSZ, layout.dynamic.names.size());
  put_dynamic(has_gnu_hash ? DT_GNU_HASH : DT_DEBUG, base + layout.hash);
  put_dynamic(DT_NULL, 0);
  put_dynamic(DT_NULL, 0);
  file.put_bytes(data);

  uint64_t sections = 0;
  if (has_section_headers) sections = put_sections(*this, layout, &file);
  Bytes bytes = file.take();
  if (sections != 0) {
    header.e_shoff = sections;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<uint16_t>((bytes.size() - sections) / sizeof(Elf64_Shdr));
    poke(bytes, 0, header);
  }
  return bytes;
}

}  // namespace corewalk::test
