#include <elf.h>

#include <algorithm>
#include <string>

#include "base/failure.h"
#include "elf/core_file.h"
#include "support/catch.h"
#include "support/core_builder.h"
#include "support/image_builder.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::CoreBuilder;
using test::poke;
using test::TempDirectory;
using test::to_bytes;

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

/// A core file of a test, and the memory in it.
struct OpenCore {
  explicit OpenCore(const Bytes& bytes)
      : core(CoreFile::open(directory.write("core", bytes))), memory(core.pieces()) {}

  [[nodiscard]] bool warns_of(std::string_view part) const {
    return std::any_of(
        core.warnings().begin(), core.warnings().end(),
        [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
  }

  TempDirectory directory;
  CoreFile core;
  SegmentedMemory memory;
};

/// The message and code of the Failure that opening `bytes` as a core gives.
std::pair<ExitCode, std::string> failure_of(const Bytes& bytes) {
  const TempDirectory directory;
  const auto path = directory.write("core", bytes);
  try {
    (void)CoreFile::open(path);
  } catch (const Failure& failure) {
    return {failure.code(), failure.what()};
  }
  return {ExitCode::kDone, "opened"};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Bytes small_core() {
  return CoreBuilder()
      .add_thread(7, 6, {})
      .add_segment({.address = 0x10000, .bytes = to_bytes("abcdefgh")})
      .build();
}

TEST_CASE("core: what was not saved is not zero", "[elf][core]") {
  const OpenCore open(
      CoreBuilder()
          .add_segment({.address = 0x10000, .bytes = to_bytes("abcdefgh"), .memory_size = 0x1000})
          .add_segment({.address = 0x20000, .bytes = {}, .memory_size = 0x1000})
          .build());
  CHECK(open.memory.read<char>(Address(0x10007)).value() == 'h');
  CHECK(open.memory.read<char>(Address(0x10008)).fault().kind == FaultKind::kNotInCore);
  CHECK(open.memory.residency(Address(0x10fff)) == Residency::kNotInCore);
  CHECK(open.memory.residency(Address(0x11000)) == Residency::kUnmapped);
  CHECK(open.memory.residency(Address(0x20000)) == Residency::kNotInCore);
  CHECK_FALSE(open.core.is_truncated());
  CHECK(open.core.missing_bytes() == 0);
  CHECK(open.core.program_header_count() == 3);
}

TEST_CASE("core: permissions are those of the mapping", "[elf][core]") {
  const OpenCore open(CoreBuilder()
                          .add_segment({.address = 0x10000,
                                        .bytes = to_bytes("x"),
                                        .readable = false,
                                        .writable = false,
                                        .executable = true})
                          .build());
  const Segment* segment = open.memory.find_segment(Address(0x10000));
  REQUIRE(segment != nullptr);
  CHECK_FALSE(segment->readable);
  CHECK_FALSE(segment->writable);
  CHECK(segment->executable);
  CHECK_FALSE(segment->from_file);
}

TEST_CASE("core: segments that follow each other in the file are one view", "[elf][core]") {
  const OpenCore open(
      CoreBuilder()
          .add_segment({.address = 0x10000, .bytes = to_bytes("abcdefgh")})
          .add_segment({.address = 0x10008, .bytes = to_bytes("ijklmnop"), .writable = false})
          .build());
  CHECK(open.memory.segments().size() == 2);
  CHECK(open.memory.view(AddressRange(Address(0x10000), uint64_t{16})).ok());
}

TEST_CASE("core: a file cut off anywhere in its data", "[elf][core]") {
  const Bytes whole =
      CoreBuilder()
          .add_thread(7, 6, {})
          .add_segment(
              {.address = 0x10000, .bytes = Bytes(100, std::byte{'a'}), .memory_size = 200})
          .add_segment({.address = 0x20000, .bytes = Bytes(50, std::byte{'b'})})
          .build();
  for (size_t lost = 1; lost < 150; ++lost) {
    const OpenCore open(Bytes(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(lost)));
    CHECK(open.core.is_truncated());
    REQUIRE(open.core.missing_bytes() == lost);
    CHECK_THAT(open.core.truncation(), test::contains_text("truncated"));
    const uint64_t lost_low = lost < 50 ? 0 : lost - 50;
    const uint64_t lost_high = lost - lost_low;
    const auto expect = [&](uint64_t address, Residency residency) {
      REQUIRE(open.memory.residency(Address(address)) == residency);
    };
    expect(0x20000 + 49, Residency::kTruncated);
    if (lost_high < 50) expect(0x20000 + 49 - lost_high, Residency::kPresent);
    if (lost_low > 0) expect(0x10000 + 99, Residency::kTruncated);
    if (lost_low < 100) expect(0x10000 + 99 - lost_low, Residency::kPresent);
    expect(0x10000 + 100, Residency::kNotInCore);
  }
}

TEST_CASE("core: a file cut off within its notes or headers is salvaged", "[elf][core]") {
  const Bytes whole = small_core();
  const size_t first_segment_end = CoreBuilder::header_offset(2);
  const OpenCore cut_notes(Bytes(whole.begin(), whole.begin() + 0x110));
  CHECK(cut_notes.core.notes().threads.empty());
  CHECK(cut_notes.warns_of("damaged or cut off"));
  CHECK(cut_notes.warns_of("names no threads"));
  CHECK(cut_notes.memory.residency(Address(0x10000)) == Residency::kTruncated);

  const OpenCore cut_table(
      Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(first_segment_end - 1)));
  CHECK(cut_table.core.program_header_count() == 1);
  CHECK(cut_table.core.declared_program_header_count() == 2);
  CHECK(cut_table.core.is_truncated());
  CHECK(cut_table.warns_of("1 of 2 entries"));

  CHECK(contains(failure_of(Bytes(whole.begin(), whole.begin() + 70)).second,
                 "before its program headers"));
  CHECK(contains(failure_of(Bytes(whole.begin(), whole.begin() + 63)).second, "first 64 bytes"));
}

TEST_CASE("core: more than 65535 program headers", "[elf][core]") {
  constexpr size_t kCount = 70'000;
  CoreBuilder builder;
  for (size_t i = 0; i < kCount; ++i) {
    builder.add_segment({.address = 0x100000 + i * 0x1000, .bytes = to_bytes("12345678")});
  }
  const Bytes whole = builder.build();
  const OpenCore open(whole);
  CHECK(open.core.program_header_count() == kCount + 1);
  CHECK_FALSE(open.core.is_truncated());
  CHECK(open.memory.read<char>(Address(0x100000 + (kCount - 1) * 0x1000)).value() == '1');

  // The count stands in the last 64 bytes. Without them the table ends where the notes begin.
  const OpenCore cut(Bytes(whole.begin(), whole.end() - 64));
  CHECK(cut.core.program_header_count() == kCount + 1);
  CHECK(cut.core.is_truncated());
  CHECK(cut.warns_of("number of its mappings is lost"));
  CHECK(cut.memory.residency(Address(0x100000 + (kCount - 1) * 0x1000)) == Residency::kPresent);
}

TEST_CASE("core: exactly 65535 program headers", "[elf][core]") {
  const OpenCore open(CoreBuilder()
                          .add_segment({.address = 0x10000, .bytes = to_bytes("x")})
                          .add_empty_headers(65533)
                          .build());
  CHECK(open.core.program_header_count() == 65535);
}

TEST_CASE("core: absurd numbers in the headers", "[elf][core]") {
  const auto with = [](test::CoreSegment segment) {
    return OpenCore(CoreBuilder()
                        .add_thread(7, 6, {})
                        .add_segment({.address = 0x10000, .bytes = to_bytes("abcdefgh")})
                        .add_segment(std::move(segment))
                        .build());
  };
  SECTION("more in the file than in memory") {
    const auto open = with({.address = 0x20000, .bytes = to_bytes("ijkl"), .memory_size = 2});
    CHECK(open.warns_of("more bytes in the file than in memory"));
    CHECK(open.memory.residency(Address(0x20001)) == Residency::kPresent);
    CHECK(open.memory.residency(Address(0x20002)) == Residency::kUnmapped);
  }
  SECTION("beyond the end of the address space") {
    const auto open = with({.address = kMax - 2, .bytes = to_bytes("ijkl"), .memory_size = kMax});
    CHECK(open.warns_of("end of the address space"));
    CHECK(open.memory.residency(Address(kMax - 1)) == Residency::kPresent);
  }
  SECTION("an offset beyond the file") {
    const auto open = with({.address = 0x20000, .bytes = to_bytes("ijkl"), .claimed_offset = kMax});
    CHECK(open.core.missing_bytes() == 4);
    CHECK(open.memory.residency(Address(0x20000)) == Residency::kTruncated);
  }
  SECTION("an offset and a size that wrap around") {
    const auto open = with({.address = 0x20000,
                            .bytes = {},
                            .memory_size = kMax,
                            .claimed_file_size = kMax,
                            .claimed_offset = 16});
    CHECK(open.core.is_truncated());
    CHECK(open.memory.residency(Address(kMax / 2)) == Residency::kTruncated);
    CHECK(open.memory.residency(Address(0x10000)) == Residency::kPresent);
  }
  SECTION("missing bytes that add up to more than there can be") {
    const OpenCore open(CoreBuilder()
                            .add_segment({.address = 0,
                                          .bytes = {},
                                          .memory_size = kMax,
                                          .claimed_file_size = kMax,
                                          .claimed_offset = kMax})
                            .add_segment({.address = 0,
                                          .bytes = {},
                                          .memory_size = kMax,
                                          .claimed_file_size = kMax,
                                          .claimed_offset = kMax})
                            .build());
    CHECK(open.core.missing_bytes() == kMax);
  }
  SECTION("overlapping mappings") {
    const auto open = with({.address = 0x10004, .bytes = to_bytes("WXYZ1234")});
    CHECK(open.warns_of("1 mappings overlap"));
    CHECK(open.memory.read<char>(Address(0x10003)).value() == 'd');
    CHECK(open.memory.read<char>(Address(0x10004)).value() == 'W');
  }
  SECTION("an unaligned mapping") {
    const auto open = with({.address = 0x20003, .bytes = to_bytes("ijklmnopq")});
    CHECK(open.memory.read<uint64_t>(Address(0x20004)).value() == 0x71706f6e6d6c6b6a);
  }
}

TEST_CASE("core: a table that is claimed to be longer than the file", "[elf][core]") {
  Bytes bytes = small_core();
  poke(bytes, offsetof(Elf64_Ehdr, e_phnum), uint16_t{60000});
  const OpenCore open(bytes);
  CHECK(open.core.is_truncated());
  CHECK(open.memory.residency(Address(0x10000)) == Residency::kPresent);

  poke(bytes, offsetof(Elf64_Ehdr, e_phoff), kMax);
  CHECK(failure_of(bytes).first == ExitCode::kUsage);
}

TEST_CASE("core: files that are something else", "[elf][core]") {
  const auto expect = [](const Bytes& bytes, ExitCode code, std::string_view part) {
    const auto [actual_code, message] = failure_of(bytes);
    INFO(message);
    CHECK(actual_code == code);
    CHECK(contains(message, part));
  };
  const auto with = [](size_t offset, auto value) {
    Bytes bytes = small_core();
    poke(bytes, offset, value);
    return bytes;
  };
  expect(test::ImageSpec().build(), ExitCode::kUsage, "is an executable or a library");
  expect(with(offsetof(Elf64_Ehdr, e_type), uint16_t{ET_REL}), ExitCode::kUsage, "not a core dump");
  expect(with(offsetof(Elf64_Ehdr, e_machine), uint16_t{EM_RISCV}), ExitCode::kUnsupported,
         "unsupported machine");
  expect(with(EI_CLASS, uint8_t{ELFCLASS32}), ExitCode::kUnsupported, "32-bit");
  expect(with(EI_DATA, uint8_t{ELFDATA2MSB}), ExitCode::kUnsupported, "big-endian");
  expect(with(offsetof(Elf64_Ehdr, e_phentsize), uint16_t{32}), ExitCode::kUsage, "damaged");
  expect(to_bytes("#!/bin/sh\n"), ExitCode::kUsage, "not an ELF file");
  expect(to_bytes("\x28\xb5\x2f\xfd...."), ExitCode::kUsage, "zstd -d ");
  expect(to_bytes("\x1f\x8b...."), ExitCode::kUsage, "gunzip -k ");
  expect(to_bytes("\xfd"
                  "7zXZ"),
         ExitCode::kUsage, "xz -dk ");
  expect(to_bytes("\x04\x22\x4d\x18...."), ExitCode::kUsage, "lz4 -d ");
  expect(to_bytes("{\"snapshot\":{}}"), ExitCode::kUsage, "heap snapshot");
  expect({}, ExitCode::kUsage, "is empty");
}

TEST_CASE("core: paths that are no file", "[elf][core]") {
  const TempDirectory directory;
  const auto message_for = [](const std::filesystem::path& path) -> std::string {
    try {
      (void)CoreFile::open(path);
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "opened";
  };
  CHECK(contains(message_for(directory.path() / "none"), "no such file"));
  CHECK(contains(message_for(directory.path()), "is a directory"));
  CHECK(contains(message_for("/dev/null"), "is not a regular file"));
}

TEST_CASE("core: AArch64", "[elf][core]") {
  const OpenCore open(CoreBuilder(Machine::kAArch64)
                          .add_segment({.address = 0x10000, .bytes = to_bytes("abcdefgh")})
                          .build());
  CHECK(open.core.machine() == Machine::kAArch64);
}

TEST_CASE("core: it can be moved while its memory is in use", "[elf][core]") {
  const TempDirectory directory;
  CoreFile first = CoreFile::open(directory.write("core", small_core()));
  const SegmentedMemory memory(first.pieces());
  const CoreFile second = std::move(first);
  CHECK(memory.read<char>(Address(0x10000)).value() == 'a');
}

}  // namespace
}  // namespace corewalk
