#pragma once

#include <cstddef>
#include <vector>

#include "base/progress.h"
#include "graph/object_graph.h"
#include "graph/predecessors.h"
#include "graph/reachability.h"

namespace corewalk {

/// What a search for paths looks at.
struct PathGraph {
  const ObjectGraph& graph;
  const Reachability& reachability;
  const Predecessors& predecessors;

  /// The end of ways upwards: the root, or a user root.
  [[nodiscard]] bool at_top(NodeId node) const;
  /// The holder of a node on the shortest way to its user root, or else to the root; of several the
  /// first. kNoNode at the top, and for a node without distance.
  [[nodiscard]] NodeId nearest_holder(NodeId node) const;
};

/// From a node, first, up to the root or a user root, last.
using NodePath = std::vector<NodeId>;

/// The `limit` shortest ways on which no node comes twice, by ascending length; those to user roots
/// come before those to the root. Fewer if there are no more, if `progress` was interrupted, or
/// after much work; a way over an edge that is not measured is not found. Of a node with many
/// holders only the nearest are tried, 64 at least.
[[nodiscard]] std::vector<NodePath> find_shortest_paths(const PathGraph& graph, NodeId node,
                                                        size_t limit, Progress& progress);

}  // namespace corewalk
