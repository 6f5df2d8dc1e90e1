#pragma once

#include <cstdint>
#include <optional>

#include "base/progress.h"
#include "graph/cross_edges.h"
#include "graph/flat_array.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace corewalk {

/// The live nodes in the order in which a search depth first meets them, over the edges that count
/// for dominators ("essential" in DevTools): none back to its own node, of an ephemeron only the
/// key's, none from what no user root reaches into what one does, but for the root's own, and none
/// from what is a guess into what is not. Nodes
/// that this leaves without any edge, "orphans", hang on the root.
///
/// A node that has one holder is dominated by it, and that is all there is to say of it. Only the
/// others, "joins", of which heaps have few, are ranked: the root first, then by number.
struct DepthFirstNumbers {
  FlatArray<NodeId> nodes;      ///< of each number; the root's is 0
  FlatArray<uint32_t> parents;  ///< the number that each was first reached from

  /// What there is to know of a join.
  struct Join {
    uint32_t number;
    uint32_t above;  ///< rank of the nearest join on the way up to the root; the root's own is 0
    /// What is known of its semidominator without other joins: the lowest number, on the way up,
    /// that has an edge to it or another branch with such an edge.
    uint32_t lowest_source;
  };
  FlatArray<Join> joins;    ///< in order of rank
  uint32_t join_count = 0;  ///< orphans may leave some places free

  /// Edges between joins, by rank, from higher to lower. One stands for those of all nodes that
  /// only the higher one keeps: a node with one holder has it for semidominator, so an edge from it
  /// into another branch says no more than one from its holder would.
  CrossEdges cross_edges;

  /// Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<DepthFirstNumbers> of(const ObjectGraph& graph,
                                                           const Reachability& reachability,
                                                           Progress& progress);

 private:
  class Search;
  DepthFirstNumbers(size_t count, size_t most_joins)
      : nodes(count), parents(count), joins(most_joins), cross_edges(most_joins) {}
};

}  // namespace corewalk
