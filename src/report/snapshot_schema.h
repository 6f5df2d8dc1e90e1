#pragma once

#include <cstdint>
#include <string>

namespace corewalk {

/// Types of nodes, by V8's numbers (HeapEntry::Type).
enum class SnapshotNodeType : uint8_t {
  kHidden,
  kArray,
  kString,
  kObject,
  kCode,
  kClosure,
  kRegExp,
  kHeapNumber,
  kNative,
  kSynthetic,
  kConsString,
  kSlicedString,
  kSymbol,
  kBigInt,
  kObjectShape,
  kWasmObject,
};

/// Types of edges, by V8's numbers (HeapGraphEdge::Type).
enum class SnapshotEdgeType : uint8_t {
  kContextVariable,
  kElement,
  kProperty,
  kInternal,
  kHidden,
  kShortcut,
  kWeak,
};

/// True if edges of the type are known by a number; false if by a name.
[[nodiscard]] constexpr bool has_index(SnapshotEdgeType type) {
  return type == SnapshotEdgeType::kElement || type == SnapshotEdgeType::kHidden;
}

/// What V8's releases write differently (HeapSnapshotJSONSerializer). The default is V8 14.
struct SnapshotSchema {
  bool trace_node_id = false;        ///< a column of nodes, up to V8 12
  bool detachedness = true;          ///< a column of nodes, from V8 9.4
  bool object_shape_type = true;     ///< a type of nodes, from V8 10.8
  bool wasm_object_type = false;     ///< a type of nodes, in V8 11.3 alone
  bool surplus_column_type = false;  ///< one "number" more than V8 14 has in node_types
  bool extra_native_bytes = true;    ///< a key of the header, from V8 13
  bool line_feeds = false;           ///< each node, edge, location and string ends its line

  /// Columns of a node.
  [[nodiscard]] uint32_t node_fields() const {
    return 5U + (trace_node_id ? 1U : 0U) + (detachedness ? 1U : 0U);
  }
};

/// How much a file will hold: readers size their arrays by it, so it is exact.
struct SnapshotCounts {
  uint32_t nodes = 0;
  uint64_t edges = 0;
  uint64_t extra_native_bytes = 0;  ///< written if the schema has a place for it
};

/// The file up to its nodes: {"snapshot":{"meta":{...},...},\n
[[nodiscard]] std::string snapshot_header(const SnapshotSchema& schema,
                                          const SnapshotCounts& counts);

}  // namespace corewalk
