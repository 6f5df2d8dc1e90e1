#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "v8/layout.h"

namespace corewalk {

/// Where a piece of code comes from.
struct SourcePosition {
  uint32_t script_offset = 0;
  int32_t inlining_id = -1;  ///< of optimised code: the inlined call; -1: the function itself
};

/// Looks `code_offset` up in a source position table (codegen/source-position-table.cc): the last
/// entry at or before it. Absent if there is none, or the table is damaged before it.
[[nodiscard]] std::optional<SourcePosition> find_source_position(const v8::Layout& layout,
                                                                 std::span<const std::byte> table,
                                                                 uint64_t code_offset);

}  // namespace corewalk
