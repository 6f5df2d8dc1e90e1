#include <elf.h>

#include "elf/notes.h"
#include "support/byte_writer.h"
#include "support/catch.h"
#include "support/core_builder.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::ByteWriter;
using test::CoreBuilder;

/// The notes of a core built by `builder`.
CoreNotes notes_of(const CoreBuilder& builder, Machine machine = Machine::kX86_64) {
  const Bytes core = builder.build();
  const auto header = read_at<Elf64_Phdr>(core, CoreBuilder::header_offset(0));
  CoreNotes notes;
  parse_core_notes(clip(core, header->p_offset, header->p_filesz), 4, machine, &notes);
  return notes;
}

CoreNotes parse(const Bytes& segment) {
  CoreNotes notes;
  parse_core_notes(segment, 4, Machine::kX86_64, &notes);
  return notes;
}

TEST_CASE("notes: threads, the cause of the dump first", "[elf][notes]") {
  const CoreNotes notes = notes_of(
      CoreBuilder()
          .add_thread(42, 6, {.pc = 0x1000, .sp = 0x2000, .fp = 0x3000, .thread_pointer = 0x4000})
          .add_thread(43, 0, {.pc = 0x5000}));
  REQUIRE(notes.threads.size() == 2);
  const ThreadInfo& first = notes.threads[0];
  CHECK(first.tid == 42);
  CHECK(first.signal == 6);
  CHECK(first.pc == Address(0x1000));
  CHECK(first.sp == Address(0x2000));
  CHECK(first.fp == Address(0x3000));
  CHECK(first.thread_pointer == Address(0x4000));
  CHECK(first.registers.size() == 27);
  CHECK(notes.threads[1].pc == Address(0x5000));
  CHECK(notes.warnings.empty());
}

TEST_CASE("notes: AArch64 registers", "[elf][notes]") {
  const auto tls = ByteWriter().put(uint64_t{0x7000}).put(uint64_t{1}).take();
  const CoreNotes notes =
      notes_of(CoreBuilder(Machine::kAArch64)
                   .add_thread(42, 11, {.pc = 0x1000, .sp = 0x2000, .fp = 0x3000})
                   .add_note("LINUX", 0x401, tls),
               Machine::kAArch64);
  REQUIRE(notes.threads.size() == 1);
  CHECK(notes.threads[0].pc == Address(0x1000));
  CHECK(notes.threads[0].sp == Address(0x2000));
  CHECK(notes.threads[0].fp == Address(0x3000));
  CHECK(notes.threads[0].thread_pointer == Address(0x7000));
  CHECK(notes.threads[0].registers.size() == 34);
}

TEST_CASE("notes: the process", "[elf][notes]") {
  const CoreNotes notes =
      notes_of(CoreBuilder().add_process(1234, 1000, "node", "node server.js "));
  CHECK(notes.has_process);
  CHECK(notes.pid == 1234);
  CHECK(notes.parent_pid == 1);
  CHECK(notes.uid == 1000);
  CHECK(notes.name == "node");
  CHECK(notes.command_line == "node server.js");
}

TEST_CASE("notes: names that fill their field have no NUL", "[elf][notes]") {
  const CoreNotes notes =
      notes_of(CoreBuilder().add_process(1, 0, std::string(16, 'n'), std::string(80, 'a')));
  CHECK(notes.name == std::string(16, 'n'));
  CHECK(notes.command_line == std::string(80, 'a'));
}

TEST_CASE("notes: the auxiliary vector", "[elf][notes]") {
  const CoreNotes notes = notes_of(CoreBuilder().add_auxv({{AT_ENTRY, 0x400900}, {AT_PHNUM, 5}}));
  CHECK(notes.auxv.at(AT_ENTRY) == 0x400900);
  CHECK(notes.auxv.at(AT_PHNUM) == 5);
  CHECK(notes.auxv.size() == 2);
}

TEST_CASE("notes: mapped files", "[elf][notes]") {
  const CoreNotes notes = notes_of(CoreBuilder().add_files(
      {{.range = {Address(0x1000), Address(0x3000)}, .path = "/bin/node"},
       {.range = {Address(0x3000), Address(0x4000)}, .file_offset_bytes = 0x2000, .path = ""}}));
  REQUIRE(notes.files.size() == 2);
  CHECK(notes.files[0].path == "/bin/node");
  CHECK(notes.files[0].range == AddressRange(Address(0x1000), Address(0x3000)));
  CHECK(notes.files[1].file_offset_bytes == 0x2000);
  CHECK(notes.file_page_size_bytes == 4096);
}

TEST_CASE("notes: signals", "[elf][notes]") {
  SECTION("raised by the processor") {
    const CoreNotes notes = notes_of(CoreBuilder().add_signal(11, 1, 0xdead));
    CHECK(notes.signal->number == 11);
    CHECK(notes.signal->fault_address == Address(0xdead));
    CHECK_FALSE(notes.signal->sender_pid);
  }
  SECTION("sent by a process") {
    const CoreNotes notes = notes_of(CoreBuilder().add_signal(6, -6, 4711));
    CHECK_FALSE(notes.signal->fault_address);
    CHECK(notes.signal->sender_pid == 4711U);
  }
  SECTION("a segmentation fault sent by a process has no address") {
    const CoreNotes notes = notes_of(CoreBuilder().add_signal(11, 0, 4711));
    CHECK_FALSE(notes.signal->fault_address);
    CHECK(notes.signal->sender_pid == 4711U);
  }
  SECTION("a general protection fault neither") {
    const CoreNotes notes = notes_of(CoreBuilder().add_signal(11, 0x80, 0));
    CHECK_FALSE(notes.signal->fault_address);
    CHECK_FALSE(notes.signal->sender_pid);
  }
  SECTION("the first of several counts") {
    const CoreNotes notes = notes_of(CoreBuilder().add_signal(19, 0, 1).add_signal(6, 0, 2));
    CHECK(notes.signal->number == 19);
  }
}

TEST_CASE("notes: gdb signs its cores", "[elf][notes]") {
  CHECK(notes_of(CoreBuilder().add_note("GDB", 0xff000000, {})).written_by_debugger);
  CHECK_FALSE(notes_of(CoreBuilder().add_note("XXX", 1, {})).written_by_debugger);
}

TEST_CASE("notes: a damaged note is skipped, the next ones count", "[elf][notes]") {
  const Bytes short_data(4);
  const uint32_t type = GENERATE(uint32_t{NT_PRSTATUS}, uint32_t{NT_PRPSINFO}, uint32_t{NT_FILE},
                                 uint32_t{NT_SIGINFO});
  const CoreNotes notes =
      notes_of(CoreBuilder().add_note("CORE", type, short_data).add_auxv({{AT_ENTRY, 1}}));
  CHECK(notes.warnings.size() == 1);
  CHECK(notes.auxv.size() == 1);
}

TEST_CASE("notes: a thread with too few registers is still a thread", "[elf][notes]") {
  const auto status = ByteWriter().pad_to(32).put(uint32_t{5}).pad_to(200).take();
  const CoreNotes notes = notes_of(CoreBuilder().add_note("CORE", NT_PRSTATUS, status));
  REQUIRE(notes.threads.size() == 1);
  CHECK(notes.threads[0].tid == 5);
  CHECK(notes.threads[0].registers.empty());
  CHECK(notes.warnings.size() == 1);
}

TEST_CASE("notes: NT_FILE may promise more than it has", "[elf][notes]") {
  const auto note = [](uint64_t count, uint64_t page_size, uint64_t end, uint64_t offset) {
    const auto data = ByteWriter()
                          .put(count)
                          .put(page_size)
                          .put(uint64_t{0x1000})
                          .put(end)
                          .put(offset)
                          .put_string("/bin/node")
                          .take();
    return notes_of(CoreBuilder().add_note("CORE", NT_FILE, data));
  };
  CHECK(note(1, 4096, 0x2000, 0).files.size() == 1);
  CHECK(note(2, 4096, 0x2000, 0).files.empty());
  CHECK(note(~uint64_t{0}, 4096, 0x2000, 0).files.empty());
  CHECK(note(0x0aaaaaaaaaaaaaab, 4096, 0x2000, 0).files.empty());  // times 24 wraps to 8
  CHECK(note(1, 4096, 0x500, 0).files.empty());                    // ends before it begins
  CHECK(note(1, 4096, 0x2000, ~uint64_t{0}).files.empty());        // offset overflows
  CHECK(note(1, 0, 0x2000, 5).files.size() == 1);
}

TEST_CASE("notes: sizes that lie end the segment, not the program", "[elf][notes]") {
  const auto raw = [](uint32_t name_size, uint32_t data_size) {
    return ByteWriter().put(Elf64_Nhdr{name_size, data_size, 1}).put_string("CORE").align(4).take();
  };
  CHECK(parse(raw(~0U, 0)).warnings.size() == 1);
  CHECK(parse(raw(5, ~0U)).warnings.size() == 1);
  CHECK(parse(raw(5, 1)).warnings.size() == 1);
  CHECK(parse(raw(0, 8)).warnings.empty());  // no owner: not ours, but a whole note
  CHECK(parse({}).warnings.empty());
  CHECK(parse(Bytes(11)).warnings.size() == 1);
}

TEST_CASE("notes: warnings do not pile up", "[elf][notes]") {
  CoreBuilder builder;
  for (int i = 0; i < 1000; ++i) builder.add_note("CORE", NT_PRSTATUS, {});
  CHECK(notes_of(builder).warnings.size() < 100);
}

TEST_CASE("notes: the padding behind the last note may be missing", "[elf][notes]") {
  const auto bytes =
      ByteWriter().put(Elf64_Nhdr{4, 3, NT_GNU_BUILD_ID}).put_string("GNU").put_text("abc").take();
  CHECK(find_build_id(bytes, 4) == "616263");
}

TEST_CASE("notes: build-ids", "[elf][notes]") {
  const auto note = [](uint32_t type, std::string_view owner, const Bytes& id) {
    return ByteWriter()
        .put(Elf64_Nhdr{static_cast<uint32_t>(owner.size() + 1), static_cast<uint32_t>(id.size()),
                        type})
        .put_string(owner)
        .align(4)
        .put_bytes(id)
        .align(4)
        .take();
  };
  const Bytes id = test::to_bytes("\x01\xab");
  CHECK(find_build_id(note(NT_GNU_BUILD_ID, "GNU", id), 4) == "01ab");
  CHECK(find_build_id(note(NT_GNU_ABI_TAG, "GNU", id), 4).empty());
  CHECK(find_build_id(note(NT_GNU_BUILD_ID, "Go", id), 4).empty());
  CHECK(find_build_id(note(NT_GNU_BUILD_ID, "GNU", {}), 4).empty());
  CHECK(find_build_id(note(NT_GNU_BUILD_ID, "GNU", Bytes(65)), 4).empty());
}

}  // namespace
}  // namespace corewalk
