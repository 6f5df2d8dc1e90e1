#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_view.h"
#include "v8/layout.h"

namespace corewalk {

/// Which compiler wrote a table.
enum class SafepointKind : uint8_t { kTurbofan, kMaglev };

/// The entry of DeoptimizationData that tells what runs at a call, by the call's return address
/// (codegen/safepoint-table.h, maglev-safepoint-table.h). `pc_offset` counts from the first
/// instruction. Absent if the table has no such entry, or is none.
[[nodiscard]] std::optional<uint32_t> find_deopt_index(const v8::Layout& layout, SafepointKind kind,
                                                       const ByteView& table, uint64_t pc_offset);

}  // namespace corewalk
