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
/// key's, none from what no user root reaches into what one does, but for the root's own. Nodes
/// that this leaves without any edge, "orphans", hang on the root.
///
/// All but `nodes` is in terms of numbers, not nodes. An edge to a higher number leads to a
/// descendant, so that its part in the result is known at once (`lowest_source`); the others wait
/// in `cross_edges`.
struct DepthFirstNumbers {
  FlatArray<NodeId> nodes;            ///< of each number; the root's is 0
  FlatArray<uint32_t> parents;        ///< the number that each was first reached from
  FlatArray<uint32_t> lowest_source;  ///< the lowest number that has an edge to this higher one
  CrossEdges cross_edges;

  /// Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<DepthFirstNumbers> of(const ObjectGraph& graph,
                                                           const Reachability& reachability,
                                                           Progress& progress);

 private:
  class Search;
  explicit DepthFirstNumbers(size_t count)
      : nodes(count), parents(count), lowest_source(count), cross_edges(count) {}
};

}  // namespace corewalk
