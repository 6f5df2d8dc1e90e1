#pragma once

#include <string_view>

#include "v8/map_info.h"
#include "v8/node_type.h"

namespace corewalk {

/// What V8's heap snapshot takes the objects of a map for (V8HeapExplorer::AddEntry and
/// GetSystemEntryType, profiler/heap-snapshot-generator.cc). What refers to an object may make it
/// code later: see NodeTag.
[[nodiscard]] v8::NodeType node_type_of(const v8::MapInfo& map);

/// True if the object's class is this one of the layout, or derived from it.
[[nodiscard]] bool is_a(const v8::MapInfo& map, std::string_view class_name);

/// True for FixedArrays and what V8 makes of them, hash tables for one (IsFixedArray,
/// objects/instance-type-checker.h).
[[nodiscard]] bool is_fixed_array(const v8::MapInfo& map);

}  // namespace corewalk
