#include <optional>
#include <random>
#include <string>

#include "memory/process_info.h"
#include "memory/segmented_memory.h"
#include "memory/symbol_source.h"
#include "support/byte_writer.h"
#include "support/catch.h"

namespace corewalk {
namespace {

using Piece = SegmentedMemory::Piece;
using test::to_bytes;

Piece present(uint64_t begin, std::span<const std::byte> bytes, bool from_file = false) {
  Piece piece;
  piece.segment = {.range = AddressRange(Address(begin), bytes.size()),
                   .residency = Residency::kPresent,
                   .readable = true,
                   .writable = false,
                   .executable = false,
                   .from_file = from_file};
  piece.bytes = bytes.data();
  return piece;
}

Piece absent(uint64_t begin, uint64_t size, Residency residency = Residency::kNotInCore) {
  Piece piece;
  piece.segment.range = AddressRange(Address(begin), size);
  piece.segment.residency = residency;
  return piece;
}

std::string text(const Result<ByteView>& view) {
  if (!view) return std::string(to_string(view.fault().kind));
  return {reinterpret_cast<const char*>(view->data()), view->size()};
}

AddressRange range(uint64_t begin, uint64_t end) { return {Address(begin), Address(end)}; }

TEST_CASE("memory: what is missing says why and where", "[memory]") {
  const auto bytes = to_bytes("abcdefgh");
  const SegmentedMemory memory(
      {present(0x1000, bytes), absent(0x1008, 8), absent(0x1010, 8, Residency::kTruncated)});
  CHECK(memory.residency(Address(0xfff)) == Residency::kUnmapped);
  CHECK(memory.residency(Address(0x1007)) == Residency::kPresent);
  CHECK(memory.residency(Address(0x1008)) == Residency::kNotInCore);
  CHECK(memory.residency(Address(0x1017)) == Residency::kTruncated);
  CHECK(memory.residency(Address(0x1018)) == Residency::kUnmapped);

  const auto fault_of = [&](uint64_t begin, uint64_t end) {
    return memory.view(range(begin, end)).fault();
  };
  CHECK(fault_of(0x1006, 0x100a).kind == FaultKind::kNotInCore);
  CHECK(fault_of(0x1006, 0x100a).where == Address(0x1008));
  CHECK(fault_of(0x1010, 0x1012).kind == FaultKind::kTruncated);
  CHECK(fault_of(0x1018, 0x1019).kind == FaultKind::kUnmapped);
  CHECK(memory.view(range(0x5000, 0x5000)).ok());  // nothing is never missing
}

TEST_CASE("memory: a view runs over a border if the bytes do", "[memory]") {
  const auto bytes = to_bytes("abcdefgh");
  const auto elsewhere = to_bytes("XYZ");
  const std::span<const std::byte> all(bytes);
  Piece second = present(0x1004, all.subspan(4));
  second.segment.writable = true;  // so that it stays a segment of its own
  const SegmentedMemory memory({present(0x1000, all.first(4)), second, present(0x1008, elsewhere)});
  CHECK(memory.segments().size() == 3);
  CHECK(text(memory.view(range(0x1000, 0x1008))) == "abcdefgh");
  CHECK(text(memory.view(range(0x1002, 0x1006))) == "cdef");
  CHECK(text(memory.view(range(0x1006, 0x100a))) == "not contiguous");
  CHECK(text(memory.view_prefix(Address(0x1006), 100)) == "gh");
  CHECK(text(memory.view_prefix(Address(0x1001), 3)) == "bcd");
}

TEST_CASE("memory: alike neighbours become one segment", "[memory]") {
  const auto bytes = to_bytes("abcdefgh");
  const std::span<const std::byte> all(bytes);
  const SegmentedMemory memory({present(0x1004, all.subspan(4)), present(0x1000, all.first(4)),
                                absent(0x1008, 8), absent(0x1010, 8)});
  REQUIRE(memory.segments().size() == 2);
  CHECK(memory.segments()[0].range == range(0x1000, 0x1008));
  CHECK(memory.segments()[1].range == range(0x1008, 0x1018));
}

TEST_CASE("memory: the later piece wins and the earlier one is split", "[memory]") {
  const auto low = to_bytes("aaaaaaaaaa");
  const auto high = to_bytes("BBBB");
  const SegmentedMemory memory({present(0x1000, low), present(0x1003, high, true)});
  REQUIRE(memory.segments().size() == 3);
  CHECK(memory.segments()[1].from_file);
  std::array<std::byte, 10> copy;
  CHECK(memory.read_partial(range(0x1000, 0x100a), copy) == 10);
  CHECK(std::string(reinterpret_cast<const char*>(copy.data()), 10) == "aaaBBBBaaa");
  CHECK(text(memory.view(range(0x1007, 0x100a))) == "aaa");
}

TEST_CASE("memory: a missing piece laid on top hides what is below", "[memory]") {
  const auto low = to_bytes("aaaaaaaaaa");
  const SegmentedMemory memory({present(0x1000, low), absent(0x1002, 2)});
  CHECK(memory.residency(Address(0x1002)) == Residency::kNotInCore);
  CHECK(memory.residency(Address(0x1004)) == Residency::kPresent);
}

TEST_CASE("memory: typed reads work over borders", "[memory]") {
  const auto low = to_bytes("abcd");
  const auto high = to_bytes("efgh");
  const SegmentedMemory memory({present(0x1000, low), present(0x1004, high), absent(0x1008, 4)});
  CHECK(memory.read<uint64_t>(Address(0x1000)).value() == 0x6867666564636261);
  const auto missing = memory.read<uint64_t>(Address(0x1002), "a pointer");
  REQUIRE_FALSE(missing);
  CHECK(missing.fault().kind == FaultKind::kNotInCore);
  CHECK(missing.fault().where == Address(0x1008));
  CHECK(std::string_view(missing.fault().reading) == "a pointer");
}

TEST_CASE("memory: read_partial fills holes with zeros and counts", "[memory]") {
  const auto low = to_bytes("abcd");
  const auto high = to_bytes("efgh");
  const SegmentedMemory memory({present(0x1000, low), absent(0x1004, 4), present(0x1010, high)});
  std::array<std::byte, 24> copy;
  copy.fill(std::byte{0xff});
  CHECK(memory.read_partial(range(0xffe, 0x1016), copy) == 8);
  CHECK(std::string(reinterpret_cast<const char*>(copy.data()), 24) ==
        std::string("\0\0abcd\0\0\0\0\0\0\0\0\0\0\0\0efgh\0\0", 24));
}

TEST_CASE("memory: the end of the address space", "[memory]") {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  const auto bytes = to_bytes("abcd");
  const SegmentedMemory memory({present(kMax - 4, bytes)});
  CHECK(text(memory.view_prefix(Address(kMax - 2), kMax)) == "cd");
  CHECK_FALSE(memory.read<uint64_t>(Address(kMax - 2)).ok());
  CHECK_FALSE(memory.read<uint64_t>(Address(kMax)).ok());
  CHECK_FALSE(memory.view_prefix(Address(kMax - 2), 0).ok());
}

TEST_CASE("memory: none at all", "[memory]") {
  const SegmentedMemory memory({});
  CHECK(memory.segments().empty());
  CHECK(memory.residency(Address(0)) == Residency::kUnmapped);
  CHECK_FALSE(memory.view_prefix(Address(0), 1).ok());
}

// Against the obvious implementation: an array of what lies where.
TEST_CASE("memory: random overlays agree with brute force", "[memory]") {
  constexpr uint64_t kBase = 0x1000;
  constexpr uint64_t kSize = 64;
  std::mt19937 random(7);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  std::vector<std::byte> store(4096);
  for (std::byte& byte : store) byte = static_cast<std::byte>(random());

  for (int round = 0; round < 300; ++round) {
    std::vector<Piece> pieces;
    std::array<const std::byte*, kSize> model = {};
    std::array<Residency, kSize> residency = {};
    for (uint64_t n = below(12); n > 0; --n) {
      const uint64_t begin = below(kSize);
      const uint64_t size = below(kSize - begin + 1);
      const bool is_present = below(3) != 0;
      const uint64_t at = below(store.size() - kSize);
      pieces.push_back(is_present ? present(kBase + begin, std::span(store).subspan(at, size))
                                  : absent(kBase + begin, size));
      for (uint64_t i = 0; i < size; ++i) {
        model[begin + i] = is_present ? &store[at + i] : nullptr;
        residency[begin + i] = is_present ? Residency::kPresent : Residency::kNotInCore;
      }
    }
    const SegmentedMemory memory(pieces);
    Address last;
    for (const Segment& segment : memory.segments()) {
      REQUIRE(segment.range.begin() >= last);
      REQUIRE_FALSE(segment.range.empty());
      last = segment.range.end();
    }
    for (uint64_t i = 0; i < kSize; ++i) {
      REQUIRE(memory.residency(Address(kBase + i)) == residency[i]);
      const auto view = memory.view_prefix(Address(kBase + i), kSize);
      REQUIRE(view.ok() == (model[i] != nullptr));
      if (!view) continue;
      for (uint64_t k = 0; k < view->size(); ++k) REQUIRE(view->data() + k == model[i + k]);
      const uint64_t end = i + view->size();
      REQUIRE((end == kSize || model[end] != view->data() + view->size()));
    }
  }
}

TEST_CASE("memory: many pieces, each over all before it, cost little", "[memory]") {
  const std::vector<std::byte> bytes(60'000);
  std::vector<Piece> pieces;
  for (uint64_t i = 0; i < 30'000; ++i) {
    pieces.push_back(present(0x10000 + i, std::span(bytes).subspan(i, bytes.size() - 2 * i)));
    pieces.back().segment.writable = i % 2 == 0;
  }
  const SegmentedMemory memory(pieces);
  CHECK(memory.segments().size() == 59'999);
}

TEST_CASE("memory: signals have names", "[memory]") {
  SignalInfo signal;
  signal.number = 11;
  CHECK(signal.name() == "SIGSEGV");
  CHECK(signal.description() == "segmentation fault");
  signal.number = 99;
  CHECK(signal.name() == "signal");
}

TEST_CASE("memory: without a binary every symbol is missing", "[memory]") {
  const NoSymbols none;
  CHECK_FALSE(none.find("main"));
  CHECK(none.with_prefix("v8dbg_").empty());
  CHECK_FALSE(none.find_containing(Address(1)));
  CHECK_FALSE(none.thread_local_offset("x"));
}

}  // namespace
}  // namespace corewalk
