// The tables that lead from machine code and bytecode to the source; and bytes that are none.

#include <string_view>
#include <vector>

#include "stack/baseline_position.h"
#include "support/catch.h"
#include "v8/layout_library.h"
#include "v8/source_positions.h"

namespace corewalk {
namespace {

std::vector<std::byte> bytes(const std::vector<int>& values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

// One constructor, as V8 13.6 and 14.6 encode it: entry, then bytecodes 0, 2, 6, 14 and 20.
const std::vector<std::byte> kTable =
    bytes({0x01, 0xfc, 0x08, 0x02, 0x18, 0x05, 0x1c, 0x08, 0x20, 0x11, 0x00, 0x0c, 0x2c});
const std::vector<std::byte> kPackedTable =
    bytes({0x02, 0xfc, 0x08, 0x07, 0x18, 0x0a, 0x1c, 0x13, 0x20, 0x22, 0x00, 0x1b, 0x2c});

uint32_t place(std::string_view version, std::span<const std::byte> table, uint64_t offset) {
  const auto layout = v8::LayoutLibrary::find(version);
  REQUIRE(layout != nullptr);
  const auto position = v8::find_source_position(*layout, table, offset);
  REQUIRE(position);
  return *position;
}

TEST_CASE("a source position table tells the place of each bytecode", "[stack]") {
  for (const auto& [version, table] :
       {std::pair("13.6", kTable), std::pair("14.6", kPackedTable)}) {
    CHECK(place(version, table, 0) == 292);
    CHECK(place(version, table, 1) == 292);
    CHECK(place(version, table, 2) == 299);
    CHECK(place(version, table, 14) == 307);
    CHECK(place(version, table, 20) == 318);
    CHECK(place(version, table, 1000) == 318);
  }
}

TEST_CASE("up to 7.9 source position tables begin at bytecode 0", "[stack]") {
  CHECK(place("7.8", kTable, 0) == 286);
  CHECK(place("7.8", kTable, 1) == 292);
}

TEST_CASE("a damaged source position table gives what stands before the damage", "[stack]") {
  const auto layout = v8::LayoutLibrary::find("13.6");
  const auto endless = std::vector<std::byte>(64, std::byte{0xff});
  CHECK_FALSE(v8::find_source_position(*layout, {}, 0));
  CHECK_FALSE(v8::find_source_position(*layout, endless, 0));
  CHECK_FALSE(v8::find_source_position(*layout, std::span(kTable).first(2), 0));
  CHECK(place("13.6", std::span(kTable).first(5), 20) == 292);
}

// Six bytecodes, of which the first four are the prefixes; operands of one, two and four bytes.
const std::vector<std::byte> kSizes = bytes({1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 5});

TEST_CASE("baseline code leads to its bytecode, prefixes and all", "[stack]") {
  const BytecodeSizes sizes(kSizes);
  const auto code = bytes({5, 7, 0, 5, 7, 7, 1, 5, 7, 7, 7, 7, 4});  // at 0, 2, 6, 12
  const auto table = bytes({10, 3, 4, 5, 6});
  const auto at = [&](uint64_t pc) { return bytecode_of_baseline(sizes, code, table, pc); };
  CHECK(at(10) == 0);  // the prologue
  CHECK(at(13) == 0);
  CHECK(at(14) == 2);
  CHECK(at(17) == 2);
  CHECK(at(18) == 6);
  CHECK(at(28) == 12);
  CHECK_FALSE(at(29));
}

TEST_CASE("baseline tables that do not fit the bytecodes give nothing", "[stack]") {
  const auto table = bytes({10, 3, 4, 5, 6});
  CHECK_FALSE(bytecode_of_baseline(BytecodeSizes({}), bytes({5, 7, 4}), table, 14));
  CHECK_FALSE(bytecode_of_baseline(BytecodeSizes(kSizes), bytes({200, 7}), table, 14));
  CHECK_FALSE(bytecode_of_baseline(BytecodeSizes(kSizes), {}, {}, 14));
  CHECK_FALSE(BytecodeSizes(kSizes).size_at(bytes({0}), 0));
}

}  // namespace
}  // namespace corewalk
