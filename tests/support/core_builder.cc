#include "support/core_builder.h"

#include <elf.h>

namespace corewalk::test {
namespace {

constexpr uint64_t kPageSize = 4096;

Elf64_Ehdr make_header(Machine machine, size_t header_count, uint64_t sections_offset) {
  const bool is_extended = header_count >= PN_XNUM;
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_ident[EI_OSABI] = ELFOSABI_LINUX;  // the kernel writes 0, but LLDB wants to be told
  header.e_type = ET_CORE;
  header.e_machine = machine == Machine::kX86_64 ? EM_X86_64 : EM_AARCH64;
  header.e_version = EV_CURRENT;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = is_extended ? PN_XNUM : static_cast<uint16_t>(header_count);
  if (is_extended) {
    header.e_shoff = sections_offset;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 1;
  }
  return header;
}

Elf64_Phdr make_load(const CoreSegment& segment, uint64_t offset) {
  Elf64_Phdr header = {};
  header.p_type = PT_LOAD;
  header.p_flags = (segment.readable ? unsigned{PF_R} : 0U) |
                   (segment.writable ? unsigned{PF_W} : 0U) |
                   (segment.executable ? unsigned{PF_X} : 0U);
  header.p_offset = segment.claimed_offset.value_or(offset);
  header.p_vaddr = segment.address;
  header.p_filesz = segment.claimed_file_size.value_or(segment.bytes.size());
  header.p_memsz = segment.memory_size.value_or(segment.bytes.size());
  header.p_align = kPageSize;
  return header;
}

}  // namespace

CoreBuilder& CoreBuilder::add_segment(CoreSegment segment) {
  segments_.push_back(std::move(segment));
  return *this;
}

CoreBuilder& CoreBuilder::add_empty_headers(size_t count) {
  empty_header_count_ += count;
  return *this;
}

CoreBuilder& CoreBuilder::add_note(std::string_view owner, uint32_t type, const Bytes& data) {
  notes_.put(Elf64_Nhdr{static_cast<uint32_t>(owner.size() + 1), static_cast<uint32_t>(data.size()),
                        type});
  notes_.put_string(owner).align(4).put_bytes(data).align(4);
  return *this;
}

CoreBuilder& CoreBuilder::add_raw_notes(const Bytes& bytes) {
  notes_.put_bytes(bytes);
  return *this;
}

CoreBuilder& CoreBuilder::add_thread(uint32_t tid, uint16_t signal,
                                     const CoreRegisters& registers) {
  ByteWriter status;
  status.pad_to(12).put(signal).pad_to(32).put(tid).pad_to(112);
  std::vector<uint64_t> words(machine_ == Machine::kX86_64 ? 27 : 34);
  if (machine_ == Machine::kX86_64) {
    words[16] = registers.pc;
    words[19] = registers.sp;
    words[4] = registers.fp;
    words[21] = registers.thread_pointer;
  } else {
    words[32] = registers.pc;
    words[31] = registers.sp;
    words[29] = registers.fp;
  }
  status.put_bytes(std::as_bytes(std::span(words))).put(uint64_t{0});
  return add_note("CORE", NT_PRSTATUS, status.bytes());
}

CoreBuilder& CoreBuilder::add_process(uint32_t pid, uint32_t uid, std::string_view name,
                                      std::string_view command_line) {
  ByteWriter info;
  info.pad_to(16).put(uid).put(uid).put(pid).put(uint32_t{1}).pad_to(40);
  info.put_text(name.substr(0, 16)).pad_to(56);
  info.put_text(command_line.substr(0, 80)).pad_to(136);
  return add_note("CORE", NT_PRPSINFO, info.bytes());
}

CoreBuilder& CoreBuilder::add_auxv(const std::vector<std::pair<uint64_t, uint64_t>>& entries) {
  ByteWriter auxv;
  for (const auto& [type, value] : entries) auxv.put(type).put(value);
  auxv.put(uint64_t{AT_NULL}).put(uint64_t{0});
  return add_note("CORE", NT_AUXV, auxv.bytes());
}

CoreBuilder& CoreBuilder::add_files(const std::vector<MappedFile>& files) {
  ByteWriter note;
  note.put(uint64_t{files.size()}).put(kPageSize);
  for (const MappedFile& file : files) {
    note.put(file.range.begin().value()).put(file.range.end().value());
    note.put(file.file_offset_bytes / kPageSize);
  }
  for (const MappedFile& file : files) note.put_string(file.path);
  return add_note("CORE", NT_FILE, note.bytes());
}

CoreBuilder& CoreBuilder::add_signal(int32_t number, int32_t code, uint64_t value) {
  ByteWriter info;
  info.put(number).put(int32_t{0}).put(code).pad_to(16).put(value).pad_to(128);
  return add_note("CORE", NT_SIGINFO, info.bytes());
}

Bytes CoreBuilder::build() const {
  const size_t count = 1 + segments_.size() + empty_header_count_;
  const size_t notes_offset = header_offset(count);
  const size_t data_offset = notes_offset + ((notes_.size() + 15) & ~size_t{15});
  size_t end = data_offset;
  for (const CoreSegment& segment : segments_) end += segment.bytes.size();

  ByteWriter file;
  file.put(make_header(machine_, count, end));
  Elf64_Phdr notes = {};
  notes.p_type = PT_NOTE;
  notes.p_offset = notes_offset;
  notes.p_filesz = notes_.size();
  notes.p_align = 4;
  file.put(notes);
  size_t offset = data_offset;
  for (const CoreSegment& segment : segments_) {
    file.put(make_load(segment, offset));
    offset += segment.bytes.size();
  }
  file.pad_to(notes_offset).put_bytes(notes_.bytes()).pad_to(data_offset);
  for (const CoreSegment& segment : segments_) file.put_bytes(segment.bytes);
  if (count >= PN_XNUM) {
    Elf64_Shdr section = {};
    section.sh_info = static_cast<uint32_t>(count);
    file.put(section);
  }
  return file.take();
}

}  // namespace corewalk::test
