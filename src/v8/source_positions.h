#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "v8/object_view.h"

namespace corewalk::v8 {

/// What a SharedFunctionInfo has for its code: bytecode, baseline code, or, of a function that is
/// not compiled, where its text lies (UncompiledData). In one field up to V8 12.4, then in one of
/// two.
[[nodiscard]] Result<ObjectView> function_data_of(const ObjectView& shared);

/// The BytecodeArray of a function, by its SharedFunctionInfo; a Fault if it was never compiled or
/// its bytecode was dropped again.
[[nodiscard]] Result<ObjectView> bytecode_of(const ObjectView& shared);

/// Looks `code_offset` up in a source position table: the last entry at or before it. Gives the
/// place in the source in UTF-16 code units from the script's start. Absent if there is none, or
/// the table is damaged before it.
[[nodiscard]] std::optional<uint32_t> find_source_position(const Layout& layout,
                                                           std::span<const std::byte> table,
                                                           uint64_t code_offset);

/// The place in the source, in UTF-16 code units from the script's start, that the instruction at
/// `offset` of a BytecodeArray was made for. `offset` counts as V8 keeps it in frames, generators
/// and stack traces if `from_tagged_start`, that is from the array's tagged address; else from the
/// first bytecode. Absent if V8 has not collected the positions.
[[nodiscard]] std::optional<uint32_t> source_position(const ObjectView& bytecode, int64_t offset,
                                                      bool from_tagged_start);

}  // namespace corewalk::v8
