#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/merged_paths.h"
#include "graph/shortest_paths.h"
#include "inspect/path_words.h"
#include "inspect/value_reader.h"
#include "session/graph_describer.h"
#include "session/weak_holders.h"

namespace corewalk {

/// Answers about who holds what, from one graph. Not thread-safe.
class RetentionAnswers {
 public:
  RetentionAnswers(std::unique_ptr<RetentionGraph> graph, const ValueReader& values,
                   RootOwners owners, std::string folder);
  RetentionAnswers(const RetentionAnswers&) = delete;
  RetentionAnswers& operator=(const RetentionAnswers&) = delete;

  [[nodiscard]] const RetentionGraph& graph() const { return *graph_; }

  /// The node of the object a word refers to, tagged or not; absent if none begins there.
  [[nodiscard]] std::optional<NodeId> node_at(uint64_t word) const;

  [[nodiscard]] RetainerTree retainers(NodeId node, const RetainerQuery& query, Progress& progress);
  [[nodiscard]] RetainingPaths paths(NodeId node, uint64_t limit, Progress& progress);
  [[nodiscard]] ClassPaths class_paths(const ClassPathQuery& query, Progress& progress);
  [[nodiscard]] DominatorRows dominators(NodeId node, const DominatorQuery& query,
                                         Progress& progress);
  [[nodiscard]] Retention retention(NodeId node) const;

 private:
  [[nodiscard]] PathGraph path_graph(Progress& progress);
  [[nodiscard]] std::vector<NodeId> holders_of(NodeId node, bool weak, Progress& progress);
  [[nodiscard]] std::vector<PathHop> hops_of(const NodePath& path);
  [[nodiscard]] std::vector<PathWords> words_of(const std::vector<PathHop>& hops,
                                                bool merged) const;
  void append_class_rows(const MergedPaths& merged, const ClassPathQuery& query,
                         ClassPaths& answer);
  void append_hop(const MergedPaths::Place& place, std::vector<PathHop>& hops);
  [[nodiscard]] DominatorRest rest_of(std::span<const NodeId> nodes);

  std::unique_ptr<RetentionGraph> graph_;
  const ValueReader& values_;
  RootOwners owners_;
  std::string folder_;
  GraphDescriber describer_;
  std::optional<WeakHolders> weak_holders_;  ///< found on first need
};

}  // namespace corewalk
