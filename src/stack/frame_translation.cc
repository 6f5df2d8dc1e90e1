// A translation is a list of instructions: an opcode and its operands. BEGIN opens it; then comes
// one instruction for each frame, and behind it one for each value of that frame, the function and
// the receiver first. From 10.8 on an opcode is a byte; from 11.3 on MATCH_PREVIOUS_TRANSLATION
// stands for some instructions of an earlier translation, to which BEGIN leads, and so does a byte
// beyond the last opcode.
#include "stack/frame_translation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "v8/variable_length.h"

namespace corewalk {
namespace {

constexpr size_t kKeptOperands = 2;
/// More than the values of any function's frame and of all calls inlined into it.
constexpr size_t kMaxInstructions = size_t{1} << 20;

struct Instruction {
  const v8::TranslationOpcode* opcode = nullptr;
  std::array<uint64_t, kKeptOperands> operands{};

  [[nodiscard]] std::string_view name() const { return opcode->name; }
};

/// The lowest bit of a signed operand is its sign.
int64_t with_sign(uint64_t bits) {
  const auto magnitude = static_cast<int64_t>(bits >> 1);
  return (bits & 1) != 0 ? -magnitude : magnitude;
}

class InstructionReader {
 public:
  InstructionReader(const v8::Layout& layout, std::span<const std::byte> bytes, uint64_t index)
      : opcodes_(layout.translation_opcodes),
        low_bit_(layout.has(v8::Feature::kTranslationLowBit)),
        signed_opcodes_(layout.has(v8::Feature::kTranslationSignedOpcodes)),
        bytes_(bytes),
        reader_(bytes, index) {}

  /// Absent at the end, and where no instruction can be read.
  [[nodiscard]] std::optional<Instruction> next() {
    if (signed_opcodes_) {
      const auto opcode = number(reader_);
      return opcode ? rest_of(with_sign(*opcode), reader_) : std::nullopt;
    }
    if (matched_ > 0) {
      --matched_;
      return earlier();
    }
    const size_t start = reader_.position();
    const auto byte = reader_.peek();
    if (!byte) return {};
    reader_.skip(1);
    if (*byte >= opcodes_.size()) return match(*byte - opcodes_.size());
    if (opcodes_[*byte].name == kMatch) return match(number(reader_).value_or(0));
    const auto instruction = rest_of(*byte, reader_);
    if (instruction && instruction->name().starts_with("BEGIN")) {
      begin(start, instruction->operands[0]);
    } else {
      ++since_match_;
    }
    return instruction;
  }

 private:
  static constexpr std::string_view kMatch = "MATCH_PREVIOUS_TRANSLATION";

  [[nodiscard]] std::optional<uint64_t> number(v8::VariableLengthReader& reader) const {
    return low_bit_ ? reader.read_low_bit_first() : reader.read_unsigned();
  }

  [[nodiscard]] std::optional<Instruction> rest_of(int64_t opcode,
                                                   v8::VariableLengthReader& reader) const {
    if (opcode < 0 || static_cast<uint64_t>(opcode) >= opcodes_.size()) return {};
    Instruction instruction{.opcode = &opcodes_[static_cast<size_t>(opcode)]};
    for (uint32_t i = 0; i < instruction.opcode->operand_count; ++i) {
      const auto operand = number(reader);
      if (!operand) return {};
      if (i < kKeptOperands) instruction.operands[i] = *operand;
    }
    return instruction;
  }

  void begin(size_t start, uint64_t distance) {
    since_match_ = 1;
    earlier_.reset();
    if (distance > 0 && distance <= start) earlier_.emplace(bytes_, start - distance);
  }

  [[nodiscard]] std::optional<Instruction> earlier() {
    const auto byte = earlier_ ? earlier_->peek() : std::nullopt;
    if (!byte || *byte >= opcodes_.size() || opcodes_[*byte].name == kMatch) return {};
    earlier_->skip(1);
    return rest_of(*byte, *earlier_);
  }

  /// The next `count` instructions are as in the earlier translation.
  [[nodiscard]] std::optional<Instruction> match(uint64_t count) {
    if (count == 0) return {};
    for (; since_match_ > 0; --since_match_) {
      if (!earlier()) return {};
    }
    matched_ = count - 1;
    return earlier();
  }

  const std::vector<v8::TranslationOpcode>& opcodes_;
  bool low_bit_;
  bool signed_opcodes_;
  std::span<const std::byte> bytes_;
  v8::VariableLengthReader reader_;
  std::optional<v8::VariableLengthReader> earlier_;
  uint64_t since_match_ = 0;
  uint64_t matched_ = 0;
};

std::optional<TranslatedFrame> frame_of(const Instruction& instruction) {
  const bool interpreted = instruction.name().starts_with("INTERPRETED_FRAME");
  const bool builtin = instruction.name().starts_with("JAVA_SCRIPT_BUILTIN_CONTINUATION") ||
                       instruction.name().starts_with("JAVASCRIPT_BUILTIN_CONTINUATION");
  const int64_t shared = with_sign(instruction.operands[1]);
  if ((!interpreted && !builtin) || shared < 0) return {};
  return TranslatedFrame{.is_builtin = builtin,
                         .bytecode_offset = with_sign(instruction.operands[0]),
                         .shared = static_cast<uint64_t>(shared),
                         .function = {},
                         .values = {}};
}

TranslatedValue value_of(const Instruction& instruction) {
  TranslatedValue value{.kind = TranslatedValue::Kind::kElsewhere,
                        .number = with_sign(instruction.operands[0])};
  if (instruction.name() == "LITERAL") value.kind = TranslatedValue::Kind::kLiteral;
  const bool in_slot =
      instruction.name() == "STACK_SLOT" || instruction.name() == "TAGGED_STACK_SLOT";
  if (in_slot) value.kind = TranslatedValue::Kind::kStackSlot;
  return value;
}

/// Values behind this one that are parts of it: an object that was never made.
uint64_t parts_of(const Instruction& instruction) {
  if (instruction.name() == "STRING_CONCAT") return 2;
  if (instruction.name() != "CAPTURED_OBJECT") return 0;
  return static_cast<uint64_t>(std::max<int64_t>(with_sign(instruction.operands[0]), 0));
}

}  // namespace

std::vector<TranslatedFrame> read_translation(const v8::Layout& layout,
                                              std::span<const std::byte> translations,
                                              uint64_t index) {
  if (index >= translations.size()) return {};
  InstructionReader reader(layout, translations, index);
  const auto begin = reader.next();
  if (!begin || !begin->name().starts_with("BEGIN")) return {};
  std::vector<TranslatedFrame> frames;
  bool has_function = false;  // the last frame's, its first value
  uint64_t parts = 0;         // of an object among its values, still to come
  for (size_t i = 0; i < kMaxInstructions; ++i) {
    const auto instruction = reader.next();
    if (!instruction || instruction->name().starts_with("BEGIN")) break;
    if (instruction->name() == "UPDATE_FEEDBACK") continue;
    if (auto frame = frame_of(*instruction)) {
      frames.push_back(*frame);
      has_function = false;
      parts = 0;
      continue;
    }
    if (frames.empty()) continue;
    if (parts == 0) {
      TranslatedFrame& frame = frames.back();
      if (!has_function) {
        frame.function = value_of(*instruction);
        has_function = true;
      } else if (frame.values.size() < TranslatedFrame::kMaxValues) {
        frame.values.push_back(value_of(*instruction));
      }
    }
    parts = (parts == 0 ? 0 : parts - 1) + parts_of(*instruction);
  }
  return frames;
}

}  // namespace corewalk
