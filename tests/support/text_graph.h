#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/object_graph.h"

namespace corewalk::test {

/// A graph from text, one line for each node with edges, and names for its nodes:
///
///     root => global        a user root
///     global -> a b         edges
///     table & key -> value  an ephemeron
///     a ~> b                an edge that does not dominate
///     a !> b                an edge that is not measured
///     a ?> b                a guess
///     ownable a b           flags
///     synthetic roots
///
/// "root" is node 0, the others are numbered as they come.
class TextGraph {
 public:
  explicit TextGraph(std::string_view text);

  [[nodiscard]] const ObjectGraph& operator*() const { return graph_; }
  [[nodiscard]] const ObjectGraph* operator->() const { return &graph_; }
  [[nodiscard]] NodeId node(std::string_view name) const;
  /// "-" for kNoNode.
  [[nodiscard]] std::string name(NodeId node) const;
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  [[nodiscard]] GraphParts parse(std::string_view text);
  [[nodiscard]] NodeId number(const std::string& name);

  std::map<std::string, NodeId, std::less<>> numbers_;
  std::vector<std::string> names_;
  ObjectGraph graph_;
};

/// Edges as lists, for graphs that a test makes up.
using EdgeLists = std::vector<std::vector<NodeId>>;

/// The parts of a graph with these edges; flags are 0.
[[nodiscard]] GraphParts graph_parts(const EdgeLists& successors);

}  // namespace corewalk::test
