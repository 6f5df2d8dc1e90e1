#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "report/snapshot_schema.h"
#include "report/snapshot_strings.h"

namespace corewalk {

/// The place of a node in the file, counted from 0.
using SnapshotOrdinal = uint32_t;

struct SnapshotNode {
  SnapshotNodeType type = SnapshotNodeType::kHidden;
  uint8_t detachedness = 0;
  SnapshotStrings::Index name = 0;
  uint32_t id = 0;
  uint32_t edge_count = 0;
  uint64_t self_size = 0;  ///< bytes
};

struct SnapshotEdge {
  SnapshotEdgeType type = SnapshotEdgeType::kHidden;
  /// False if readers leave the edge out when they ask what keeps `to` alive: weak ones, and from a
  /// WeakMap's table to a value, which its key keeps.
  bool holds = true;
  uint32_t name_or_index = 0;  ///< an index of SnapshotStrings, unless has_index(type)
  SnapshotOrdinal to = 0;
};

/// Where in a script an object was made; line and column count from 0.
struct SnapshotLocation {
  SnapshotOrdinal node = 0;
  uint32_t script_id = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

/// What a snapshot is written from. Asked for ranges of nodes that follow each other: first all
/// nodes, then all edges, then all locations. Answers must agree with each other, however damaged
/// the heap they come from: `counts` with the nodes and their `edge_count`, those with the edges.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  [[nodiscard]] virtual SnapshotCounts counts() = 0;
  /// Fills `nodes` with those that begin at `first`. Names are entered in `strings`, the same in
  /// all calls: what is known to be there need not be looked up again.
  virtual void read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                          SnapshotStrings& strings) = 0;
  /// Appends the edges of `count` nodes from `first` on, node by node.
  virtual void read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                          std::vector<SnapshotEdge>& edges) = 0;
  /// Appends the locations of these nodes.
  virtual void read_locations(SnapshotOrdinal first, uint32_t count,
                              std::vector<SnapshotLocation>& locations) = 0;
};

}  // namespace corewalk
