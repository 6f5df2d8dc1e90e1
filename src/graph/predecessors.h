#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/progress.h"
#include "graph/flat_array.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace corewalk {

/// Which live nodes hold each node. It takes nearly as much memory as the graph and a third of the
/// time of all the rest, and only questions about single nodes need it: so it is made for them.
class Predecessors {
 public:
  /// Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<Predecessors> build(const ObjectGraph& graph,
                                                         const Reachability& reachability,
                                                         Progress& progress);

  /// Ascending but for those of special edges and ephemerons, which come last. A node comes as
  /// often as it has edges; a live ephemeron's value is held by both its key and its table.
  [[nodiscard]] std::span<const NodeId> of(NodeId node) const {
    return {sources_.data() + first_[node], first_[node + 1] - first_[node]};
  }

 private:
  Predecessors() = default;

  FlatArray<uint32_t> first_;
  FlatArray<NodeId> sources_;
};

}  // namespace corewalk
