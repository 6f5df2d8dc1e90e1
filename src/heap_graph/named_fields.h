#pragma once

#include <cstdint>
#include <string_view>

#include "heap_graph/edge.h"
#include "v8/node_type.h"

namespace corewalk {

/// What the holder of an object says of it, which itself has no name: "(object elements)"
/// (V8HeapExplorer::TagObject). Kept as a number, the place in node_tags(); the lowest counts where
/// several say something.
struct NodeTag {
  std::string_view name;
  /// What snapshots take the object for from then on, in
  /// versions that know the type.
  v8::NodeType type = v8::NodeType::kHidden;
};
using NodeTagNumber = uint8_t;
inline constexpr NodeTagNumber kNoTag = 0;

[[nodiscard]] const NodeTag& node_tag(NodeTagNumber number);

/// Of objects that more than one field leads to.
inline constexpr NodeTagNumber kConstantPoolTag = 1;
inline constexpr NodeTagNumber kFeedbackTag = 2;

/// A field that V8's heap snapshot has a name for, or says something of (the Extract...References
/// functions of profiler/heap-snapshot-generator.cc, V8 7.8 to 14.6). All other references of an
/// object are "hidden" edges.
struct NamedField {
  std::string_view class_name;  ///< of the layout; classes derived from it have the field too
  std::string_view field;
  std::string_view edge_name;  ///< "": it is hidden
  EdgeKind type = EdgeKind::kInternal;
  NodeTagNumber tag = kNoTag;
};

/// The entry for a field, or null.
[[nodiscard]] const NamedField* named_field(std::string_view class_name, std::string_view field);

}  // namespace corewalk
