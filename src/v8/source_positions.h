#pragma once

#include <cstdint>
#include <optional>

#include "v8/object_view.h"

namespace corewalk::v8 {

/// The BytecodeArray of a function, by its SharedFunctionInfo; a Fault if it was never compiled or
/// its bytecode was dropped again.
[[nodiscard]] Result<ObjectView> bytecode_of(const ObjectView& shared);

/// The place in the source, in UTF-16 code units from the script's start, that the instruction at
/// `offset` of a BytecodeArray was made for. `offset` counts as V8 keeps it in frames, generators
/// and stack traces if `from_tagged_start`, that is from the array's tagged address; else from the
/// first bytecode. Absent if V8 has not collected the positions.
[[nodiscard]] std::optional<uint32_t> source_position(const ObjectView& bytecode, int64_t offset,
                                                      bool from_tagged_start);

}  // namespace corewalk::v8
