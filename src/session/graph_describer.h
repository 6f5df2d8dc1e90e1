#pragma once

#include <optional>
#include <vector>

#include "heap_graph/edge_lister.h"
#include "heap_graph/node_namer.h"
#include "heap_graph/retention_graph.h"
#include "session/retention.h"
#include "session/root_list.h"

namespace corewalk {

/// Says of nodes and edges of a graph what people know them by. Not thread-safe.
class GraphDescriber {
 public:
  GraphDescriber(const RetentionGraph& graph, const RootOwners& owners);

  [[nodiscard]] GraphObject object(NodeId node);
  /// The same; if the node stands for roots, with the owner of the one that holds `held`.
  [[nodiscard]] GraphObject holder(NodeId node, NodeId held);

  /// The edges from one node to another, those first that say the most.
  [[nodiscard]] std::vector<EdgeLabel> edges_between(NodeId holder, NodeId held);
  /// The name alone, of an object's class.
  [[nodiscard]] std::string class_name(NodeId node);

 private:
  /// Of an object that V8's snapshot gives no name: "system / OrderedHashMap".
  [[nodiscard]] std::string kind_name(NodeId node) const;
  [[nodiscard]] EdgeLabel label(const NodeEdge& edge, uint64_t place);
  [[nodiscard]] std::string pair_label(const NodeEdge& edge);

  const RetentionGraph& graph_;
  const RootOwners& owners_;
  EdgeLister lister_;
  NodeNamer namer_;
};

}  // namespace corewalk
