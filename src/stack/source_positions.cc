#include "stack/source_positions.h"

#include "stack/variable_length.h"

namespace corewalk {
namespace {

// SourcePosition (codegen/source-position.h).
constexpr v8::BitRange kScriptOffset{1, (1U << 30) - 1};
constexpr v8::BitRange kInliningId{31, 0xFFFF};

/// How far the next entry lies behind the one before.
std::optional<uint64_t> read_code_distance(const v8::Layout& layout, VariableLengthReader& reader) {
  if (layout.has(v8::Feature::kPackedPositionFlags)) {
    const auto packed = reader.read_unsigned();
    if (!packed) return {};
    return *packed >> 2;  // is_statement, is_breakable
  }
  const auto distance = reader.read_zigzag();
  if (!distance) return {};
  return static_cast<uint64_t>(*distance >= 0 ? *distance : -(*distance + 1));  // not a statement
}

}  // namespace

std::optional<SourcePosition> find_source_position(const v8::Layout& layout,
                                                   std::span<const std::byte> table,
                                                   uint64_t code_offset) {
  VariableLengthReader reader(table);
  std::optional<uint64_t> best;
  // One more than the code offset, so that the entry of the function, at -1, is none below 0.
  uint64_t at = layout.has(v8::Feature::kPositionsFromEntry) ? 0 : 1;
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
  if (!best) return {};
  const uint32_t script_offset = kScriptOffset.decode(*best);  // both count from 1, 0: none
  if (script_offset == 0) return {};
  return SourcePosition{script_offset - 1, static_cast<int32_t>(kInliningId.decode(*best)) - 1};
}

}  // namespace corewalk
