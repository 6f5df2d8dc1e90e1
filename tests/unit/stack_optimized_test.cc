// The tables that lead from optimised code to the calls it does; and bytes that are none.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "stack/frame_translation.h"
#include "stack/safepoint_table.h"
#include "support/catch.h"
#include "v8/layout_library.h"

namespace corewalk {
namespace {

using Bytes = std::vector<std::byte>;

void put(Bytes& bytes, uint64_t value, int width) {
  for (int i = 0; i < width; ++i) bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
}

Bytes words(std::initializer_list<uint32_t> values) {
  Bytes bytes;
  for (const uint32_t value : values) put(bytes, value, 4);
  return bytes;
}

std::optional<uint32_t> find(std::string_view version, SafepointKind kind, const Bytes& table,
                             uint64_t pc) {
  const auto layout = v8::LayoutLibrary::find(version);
  REQUIRE(layout != nullptr);
  return find_deopt_index(*layout, kind, ByteView(Address(0x1000), table), pc);
}

constexpr uint32_t kNone = 0xFFFF'FFFF;

TEST_CASE("safepoint entries of three words are found by pc or trampoline", "[stack]") {
  const Bytes table = words({3, 1, 0x20, 5, 0x90, 0x40, kNone, kNone, 0x60, 7, 0xA0});
  for (const char* version : {"7.8", "8.4", "9.4", "9.6"}) {
    CHECK(find(version, SafepointKind::kTurbofan, table, 0x20) == 5);
    CHECK(find(version, SafepointKind::kTurbofan, table, 0xA0) == 7);
    CHECK_FALSE(find(version, SafepointKind::kTurbofan, table, 0x40));
    CHECK_FALSE(find(version, SafepointKind::kTurbofan, table, 0x41));
  }
  const Bytes one_for_all = words({1, 1, kNone, 4, kNone});
  CHECK(find("9.4", SafepointKind::kTurbofan, one_for_all, 0x41) == 4);
}

/// A table of entries (pc, deopt index + 1, trampoline + 1) with widths of 2, 1 and 2 bytes.
Bytes packed(uint32_t words_before, bool maglev,
             std::initializer_list<std::array<uint16_t, 3>> all) {
  constexpr uint32_t kHasDeopt = 1;
  constexpr uint32_t kRegisterBytes = 1 << 1;
  constexpr uint32_t kPcBytes = 2 << 4;
  constexpr uint32_t kDeoptBytes = 1 << 7;
  Bytes table;
  for (uint32_t i = 0; i < words_before; ++i) put(table, 11, 4);
  put(table, all.size(), 4);
  put(table, kHasDeopt | kRegisterBytes | kPcBytes | kDeoptBytes, 4);
  while (maglev && table.size() < 16) put(table, 13, 4);
  for (const auto& [pc, index, trampoline] : all) {
    put(table, pc, 2);
    put(table, index, 1);
    put(table, trampoline, 2);
    put(table, 0xEE, maglev ? 2 : 1);  // spill slots and registers
  }
  return table;
}

TEST_CASE("safepoint entries of any width are found by pc or trampoline", "[stack]") {
  for (const auto& [version, before] : {std::pair("10.2", 0U), std::pair("12.9", 0U),
                                        std::pair("13.6", 1U), std::pair("14.6", 1U)}) {
    for (const auto kind : {SafepointKind::kTurbofan, SafepointKind::kMaglev}) {
      const Bytes table = packed(before, kind == SafepointKind::kMaglev,
                                 {{0x120, 6, 0x191}, {0x140, 0, 0}, {0x160, 8, 0x1A1}});
      CHECK(find(version, kind, table, 0x120) == 5);
      CHECK(find(version, kind, table, 0x160) == 7);
      CHECK(find(version, kind, table, 0x1A0) == 7);
      CHECK_FALSE(find(version, kind, table, 0x140));
      CHECK_FALSE(find(version, kind, table, 0x150));
    }
  }
}

TEST_CASE("a safepoint table that lies about its length gives nothing", "[stack]") {
  for (const char* version : {"7.8", "12.4", "14.6"}) {
    for (const auto kind : {SafepointKind::kTurbofan, SafepointKind::kMaglev}) {
      CHECK_FALSE(find(version, kind, {}, 8));
      CHECK_FALSE(find(version, kind, words({kNone}), 8));
      CHECK_FALSE(find(version, kind, words({kNone, kNone, kNone, kNone, 1}), 8));
      CHECK_FALSE(find(version, kind, words({kNone, 1, 1, 1, 1, 1}), 8));  // entries of no bytes
      CHECK_FALSE(find(version, kind, words({1, kNone, kNone, kNone, kNone, 1}), 8));
    }
  }
}

/// Writes translations as one version of V8 does.
class TranslationWriter {
 public:
  explicit TranslationWriter(std::string_view version) : layout_(v8::LayoutLibrary::find(version)) {
    REQUIRE(layout_ != nullptr);
  }

  /// Signed operands, save those of BEGIN from 11.3 on.
  size_t add(std::string_view name, std::initializer_list<int64_t> operands) {
    const size_t start = bytes_.size();
    const auto& opcodes = layout_->translation_opcodes;
    const auto found = std::find_if(opcodes.begin(), opcodes.end(),
                                    [&](const auto& opcode) { return opcode.name == name; });
    REQUIRE(found != opcodes.end());
    CHECK(found->operand_count == operands.size());
    const auto number = static_cast<uint64_t>(found - opcodes.begin());
    put_number(layout_->has(v8::Feature::kTranslationSignedOpcodes) ? number << 1 : number);
    const bool is_unsigned = name.starts_with("BEGIN_") || name.starts_with("MATCH");
    for (const int64_t value : operands) {
      const auto magnitude = static_cast<uint64_t>(value < 0 ? -value : value);
      put_number(is_unsigned ? magnitude : magnitude << 1 | (value < 0 ? 1 : 0));
    }
    return start;
  }
  void byte(int value) { bytes_.push_back(static_cast<std::byte>(value)); }

  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool has(std::string_view name) const {
    const auto& opcodes = layout_->translation_opcodes;
    return std::any_of(opcodes.begin(), opcodes.end(),
                       [&](const auto& opcode) { return opcode.name == name; });
  }
  [[nodiscard]] size_t opcode_count() const { return layout_->translation_opcodes.size(); }
  [[nodiscard]] std::vector<TranslatedFrame> read(uint64_t index) const {
    return read_translation(*layout_, bytes_, index);
  }

 private:
  void put_number(uint64_t value) {
    const bool low_bit = layout_->has(v8::Feature::kTranslationLowBit);
    do {
      const uint64_t rest = value >> 7;
      const int more = rest != 0 ? 1 : 0;
      const auto part = static_cast<int>(value & 0x7F);
      byte(low_bit ? part << 1 | more : more << 7 | part);
      value = rest;
    } while (value != 0);
  }

  std::unique_ptr<v8::Layout> layout_;
  Bytes bytes_;
};

void check_two_frames(const std::vector<TranslatedFrame>& frames) {
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].bytecode_offset == 300);
  CHECK(frames[0].shared == 4);
  CHECK(frames[0].function.kind == TranslatedValue::Kind::kLiteral);
  CHECK(frames[0].function.number == 7);
  CHECK(frames[0].values.at(0).kind == TranslatedValue::Kind::kStackSlot);
  CHECK(frames[0].values.at(0).number == 9);
  CHECK(frames[1].bytecode_offset == 12);
  CHECK(frames[1].shared == 200);
  CHECK(frames[1].function.kind == TranslatedValue::Kind::kElsewhere);
}

TEST_CASE("a translation names the frames of a call, the outermost first", "[stack]") {
  for (const char* version : {"7.8", "8.4", "8.6", "9.4", "9.6", "10.2", "10.8"}) {
    TranslationWriter writer(version);
    writer.byte(0xFF);
    const size_t index = writer.add("BEGIN", {2, 2, 0});
    writer.add("INTERPRETED_FRAME", {300, 4, 10, 0, 0});
    writer.add("LITERAL", {7});
    writer.add("STACK_SLOT", {9});
    writer.add("CONSTRUCT_STUB_FRAME", {3, 4, 1});
    writer.add("INTERPRETED_FRAME", {12, 200, 10, 0, 0});
    writer.add("REGISTER", {7});
    writer.add("BEGIN", {1, 1, 0});
    writer.add("INTERPRETED_FRAME", {13, 201, 10, 0, 0});
    check_two_frames(writer.read(index));
  }
}

TEST_CASE("a translation may repeat an earlier one", "[stack]") {
  for (const char* version : {"11.3", "12.4", "12.9"}) {
    TranslationWriter writer(version);
    const auto slot = std::string_view(version) == "11.3" ? "STACK_SLOT" : "TAGGED_STACK_SLOT";
    writer.byte(0x01);
    const size_t first = writer.add("BEGIN_WITHOUT_FEEDBACK", {0, 2, 2});
    writer.add("INTERPRETED_FRAME_WITHOUT_RETURN", {300, 4, 10});
    writer.add("LITERAL", {7});
    writer.add(slot, {9});
    writer.add("INTERPRETED_FRAME_WITHOUT_RETURN", {12, 200, 10});
    writer.add("OPTIMIZED_OUT", {});
    const size_t second =
        writer.add("BEGIN_WITH_FEEDBACK", {static_cast<int64_t>(writer.size() - first), 2, 2});
    writer.byte(static_cast<int>(writer.opcode_count() + 3));  // the next three are the same
    writer.add("INTERPRETED_FRAME_WITHOUT_RETURN", {12, 200, 10});
    writer.add("MATCH_PREVIOUS_TRANSLATION", {1});
    const size_t third = writer.add("BEGIN_WITHOUT_FEEDBACK", {0, 1, 1});
    check_two_frames(writer.read(first));
    check_two_frames(writer.read(second));
    CHECK(writer.read(third).empty());
  }
}

TEST_CASE("builtins among the frames of a translation are told", "[stack]") {
  TranslationWriter writer("13.6");
  const size_t index = writer.add("BEGIN_WITHOUT_FEEDBACK", {0, 2, 2});
  writer.add("INTERPRETED_FRAME_WITH_RETURN", {300, 4, 1, 10, 0, 0});
  writer.add("JAVASCRIPT_BUILTIN_CONTINUATION_FRAME", {12, 200, 10});
  const auto frames = writer.read(index);
  REQUIRE(frames.size() == 2);
  CHECK_FALSE(frames[0].is_builtin);
  CHECK(frames[1].is_builtin);
  CHECK(frames[1].shared == 200);
}

TEST_CASE("the parts of an object that was never made are no values of the frame", "[stack]") {
  for (const char* version : {"7.8", "9.4", "14.6"}) {
    TranslationWriter writer(version);
    const bool old = writer.has("BEGIN");
    const size_t index = writer.add(old ? "BEGIN" : "BEGIN_WITHOUT_FEEDBACK", {0, 1, 1});
    if (writer.has("INTERPRETED_FRAME")) {
      writer.add("INTERPRETED_FRAME", {300, 4, 10, 0, 0});
    } else {
      writer.add("INTERPRETED_FRAME_WITHOUT_RETURN", {300, 4, 1, 10});
    }
    writer.add("CAPTURED_OBJECT", {2});  // the function
    writer.add("CAPTURED_OBJECT", {1});
    writer.add("LITERAL", {5});
    writer.add("LITERAL", {6});
    writer.add("LITERAL", {7});
    const auto frames = writer.read(index);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].function.kind == TranslatedValue::Kind::kElsewhere);
    CHECK(frames[0].values.at(0).kind == TranslatedValue::Kind::kLiteral);
    CHECK(frames[0].values.at(0).number == 7);
  }
}

TEST_CASE("damaged translations end where the damage is", "[stack]") {
  TranslationWriter writer("12.4");
  CHECK(writer.read(0).empty());
  const size_t itself = writer.add("BEGIN_WITHOUT_FEEDBACK", {0, 1, 1});
  writer.add("MATCH_PREVIOUS_TRANSLATION", {1'000'000'000});
  const size_t before_all = writer.add("BEGIN_WITHOUT_FEEDBACK", {1'000'000, 1, 1});
  writer.byte(255);
  const size_t to_match = writer.add("MATCH_PREVIOUS_TRANSLATION", {1});
  const size_t to_itself =
      writer.add("BEGIN_WITHOUT_FEEDBACK", {static_cast<int64_t>(writer.size() - to_match), 1, 1});
  writer.byte(255);
  const size_t endless =
      writer.add("BEGIN_WITHOUT_FEEDBACK", {static_cast<int64_t>(writer.size() - to_itself), 1, 1});
  writer.byte(255);
  writer.add("INTERPRETED_FRAME_WITHOUT_RETURN", {1, -4, 10});
  writer.byte(0x80);
  for (const size_t index : {itself, before_all, to_match, to_itself, endless, size_t{1} << 40}) {
    CHECK(writer.read(index).empty());
  }
}

TEST_CASE("no bytes make the reader of translations run away", "[stack]") {
  for (const char* version : {"7.8", "10.2", "10.8", "14.6"}) {
    const auto layout = v8::LayoutLibrary::find(version);
    Bytes bytes;
    uint32_t state = 1;
    for (int i = 0; i < 4096; ++i) {
      state = state * 1664525 + 1013904223;
      bytes.push_back(static_cast<std::byte>(state >> 24));
    }
    for (size_t index = 0; index < bytes.size(); ++index) {
      CHECK(read_translation(*layout, bytes, index).size() <= bytes.size());
    }
  }
}

}  // namespace
}  // namespace corewalk
