// Tables of source positions (codegen/source-position-table.cc, 7.8 to 14.6): entries of two
// numbers, the distances from the last entry's code offset and position. A number has seven bits a
// byte, lowest first; the eighth bit says that more follow. The distance of positions is
// zigzag-encoded. Below that of code offsets stands a bit that tells statements from expressions,
// from 14.1 on two bits.
#include "v8/source_positions.h"

#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

/// SourcePosition: bit 0 for a position outside of scripts, then 30 bits of position + 1.
constexpr uint64_t kPositionShift = 1;
constexpr uint64_t kPositionMask = 0x3FFFFFFF;

class NumberStream {
 public:
  explicit NumberStream(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::optional<int64_t> next() {
    const auto bits = next_bits();
    if (!bits) return {};
    return static_cast<int64_t>(*bits >> 1 ^ (0 - (*bits & 1)));
  }

  [[nodiscard]] std::optional<uint64_t> next_bits() {
    constexpr unsigned kBitsPerByte = 7;
    constexpr unsigned kMaxBits = 63;
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < kMaxBits; shift += kBitsPerByte) {
      const auto byte = bytes_.read<uint8_t>(at_++, "source position table");
      if (!byte) return {};
      bits |= uint64_t{*byte & 0x7FU} << shift;
      if ((*byte & 0x80U) == 0) return bits;
    }
    return {};
  }

 private:
  ByteView bytes_;
  uint64_t at_ = 0;
};

/// The bytes of a ByteArray, or of the trusted one that newer versions have. Up to seven zeros
/// behind the last entry align the object: an entry of two zeros says nothing.
ByteView contents(const ObjectView& array) {
  return array.bytes().slice(array.type().size.header, array.size_bytes());
}

}  // namespace

Result<ObjectView> bytecode_of(const ObjectView& shared) {
  Result<ObjectView> data = Fault{FaultKind::kWrongType, shared.address(), "function data"};
  for (const char* field : {"trusted_function_data", "function_data"}) {
    if (shared.has(field)) data = shared.object(field);
    if (data) break;
  }
  // Baseline code and interpreter data lead on to the bytecode.
  constexpr int kMaxSteps = 3;
  for (int step = 0; data && step < kMaxSteps; ++step) {
    if (data->is("BytecodeArray")) return data;
    if (data->has("bytecode_array")) {
      data = data->object("bytecode_array");
    } else if (data->has("deoptimization_data_or_interpreter_data")) {
      data = data->object("deoptimization_data_or_interpreter_data");
    } else if (data->has("code")) {
      data = data->object("code");
    } else {
      break;
    }
  }
  return Fault{FaultKind::kWrongType, shared.address(), "bytecode"};
}

namespace {

/// The distance from the last entry's code offset.
std::optional<int64_t> code_distance(const ObjectView& bytecode, NumberStream& numbers) {
  const auto bits = numbers.next_bits();
  if (!bits) return {};
  if (const auto distance = bytecode.heap().layout().decode_bits(
          "BytecodeArray.source_position_table.code_distance", *bits)) {
    return *distance;
  }
  return static_cast<int64_t>(*bits >> 1);
}

}  // namespace

std::optional<uint32_t> source_position(const ObjectView& bytecode, int64_t offset,
                                        bool from_tagged_start) {
  if (from_tagged_start) offset -= static_cast<int64_t>(bytecode.type().size.header) - 1;
  auto table = bytecode.object("source_position_table");
  if (table && table->has("source_position_table")) table = table->object("source_position_table");
  if (!table || offset < 0) return {};
  NumberStream numbers(contents(*table));
  std::optional<uint32_t> found;
  const bool from_entry = bytecode.heap().layout().has(Feature::kPositionsFromEntry);
  int64_t code_offset = from_entry ? -1 : 0;
  int64_t position = 0;
  while (const auto code = code_distance(bytecode, numbers)) {
    const auto distance = numbers.next();
    if (!distance) break;
    code_offset += *code;
    if (code_offset > offset) break;
    position += *distance;
    const uint64_t raw = static_cast<uint64_t>(position) >> kPositionShift & kPositionMask;
    if (raw > 0) found = static_cast<uint32_t>(raw - 1);
  }
  return found;
}

}  // namespace corewalk::v8
