// Tables of source positions (codegen/source-position-table.cc, 7.8 to 14.6): entries of two
// numbers of variable length, the distances from the last entry's code offset and position. That of
// positions is zigzag-encoded. Below that of code offsets stands a bit that tells statements from
// expressions, from 14.1 on two bits.
#include "v8/source_positions.h"

#include "v8/byte_array.h"
#include "v8/tagged.h"
#include "v8/variable_length.h"

namespace corewalk::v8 {
namespace {

/// SourcePosition (codegen/source-position.h): bit 0 for a position outside of scripts, then 30
/// bits of position + 1.
constexpr BitRange kScriptOffset{1, 0x3FFFFFFF};

/// How far the next entry lies behind the one before.
std::optional<uint64_t> read_code_distance(const Layout& layout, VariableLengthReader& reader) {
  const auto packed = reader.read_unsigned();
  if (!packed) return {};
  const auto distance =
      layout.decode_bits("BytecodeArray.source_position_table.code_distance", *packed);
  return distance ? *distance : *packed >> 1;
}

}  // namespace

std::optional<uint32_t> find_source_position(const Layout& layout, std::span<const std::byte> table,
                                             uint64_t code_offset) {
  VariableLengthReader reader(table);
  std::optional<uint64_t> best;
  // One more than the code offset, so that the entry of the function, at -1, is none below 0.
  uint64_t at = layout.has(Feature::kPositionsFromEntry) ? 0 : 1;
  const uint64_t wanted = code_offset + 1;
  uint64_t position = 0;
  while (!reader.at_end()) {
    const auto distance = read_code_distance(layout, reader);
    const auto step = reader.read_zigzag();
    if (!distance || !step) break;
    at += *distance;
    if (at > wanted) break;
    position += static_cast<uint64_t>(*step);
    best = position;
  }
  const uint32_t offset = best ? kScriptOffset.decode(*best) : 0;  // counts from 1, 0: none
  return offset == 0 ? std::nullopt : std::optional(offset - 1);
}

Result<ObjectView> function_data_of(const ObjectView& shared) {
  Result<ObjectView> data = Fault{FaultKind::kWrongType, shared.address(), "function data"};
  for (const char* field : {"trusted_function_data", "untrusted_function_data", "function_data"}) {
    if (shared.has(field)) data = shared.object(field);
    if (data) break;
  }
  return data;
}

Result<ObjectView> bytecode_of(const ObjectView& shared) {
  Result<ObjectView> data = function_data_of(shared);
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
    } else if (data->is("BaselineData")) {
      data = data->object("data");
    } else {
      break;
    }
  }
  return Fault{FaultKind::kWrongType, shared.address(), "bytecode"};
}

std::optional<uint32_t> source_position(const ObjectView& bytecode, int64_t offset,
                                        bool from_tagged_start) {
  if (from_tagged_start) offset -= static_cast<int64_t>(bytecode.type().size.header) - 1;
  auto table = bytecode.object("source_position_table");
  if (table && table->has("source_position_table")) table = table->object("source_position_table");
  const auto bytes = table ? bytes_of(*table) : std::nullopt;
  if (!bytes || offset < 0) return {};
  return find_source_position(bytecode.heap().layout(), *bytes, static_cast<uint64_t>(offset));
}

}  // namespace corewalk::v8
