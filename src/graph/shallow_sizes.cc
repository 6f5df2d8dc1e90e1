#include "graph/shallow_sizes.h"

#include <limits>
#include <vector>

#include "graph/flat_array.h"
#include "graph/prefetch.h"

namespace corewalk {
namespace {

/// Finds the owners of ownable nodes. What an owner is changes at most twice for a node, from none
/// to one to several; so the order in which edges are looked at does not matter, and the search
/// ends.
class OwnerSearch {
 public:
  OwnerSearch(const ObjectGraph& graph, const Reachability& reachability)
      : graph_(graph), reachability_(reachability), owners_(graph.node_count(), kNone) {}

  static constexpr NodeId kNone = kNoNode;
  static constexpr NodeId kSeveral = kNoNode - 1;

  bool run(Progress& progress) {
    constexpr NodeId kNodesPerPoll = 1 << 16;
    const auto count = static_cast<NodeId>(graph_.node_count());
    for (NodeId node = 0; node < count; ++node) {
      if (!graph_.ownable(node) && reachability_.live(node)) {
        spread(node, node);
        while (!pending_.empty()) {
          const NodeId owned = pending_.back();
          pending_.pop_back();
          spread(owned, owners_[owned]);
        }
      }
      if (node % kNodesPerPoll == 0) {
        progress.advance(kNodesPerPoll);
        if (progress.interrupted()) return false;
      }
    }
    return true;
  }

  [[nodiscard]] NodeId owner(NodeId node) const { return owners_[node]; }

 private:
  /// The targets of `node` belong to `owner`, if to nothing else.
  void spread(NodeId node, NodeId owner) {
    if (reachability_.guessed(node)) return;  // what others own does not depend on it
    for (const NodeId target : graph_.successors(node)) give(target, owner);
    if (!graph_.has_more(node)) return;
    for (const SpecialEdge& edge : graph_.special_edges(node)) {
      if (edge.kind != SpecialEdge::Kind::kGuess) give(edge.to, owner);
    }
    graph_.for_each_ephemeron(node, [&](uint32_t, const Ephemeron& ephemeron, NodeId other) {
      if (reachability_.live(other)) give(ephemeron.value, owner);
    });
  }

  void give(NodeId target, NodeId owner) {
    if (!graph_.ownable(target)) return;
    NodeId& present = owners_[target];
    if (present == owner || present == kSeveral) return;
    present = present == kNone ? owner : kSeveral;
    pending_.push_back(target);
  }

  const ObjectGraph& graph_;
  const Reachability& reachability_;
  FlatArray<NodeId> owners_;
  std::vector<NodeId> pending_;
};

}  // namespace

bool move_sizes_to_owners(const ObjectGraph& graph, const Reachability& reachability,
                          SizeTable& sizes, Progress& progress) {
  if (graph.user_roots().empty()) return true;
  progress.begin("owners", graph.node_count());
  OwnerSearch search(graph, reachability);
  const bool whole = search.run(progress);
  progress.end();
  if (!whole) return false;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId node = 0; node < count; ++node) {
    const NodeId owner = search.owner(node);
    if (owner == OwnerSearch::kNone || owner == OwnerSearch::kSeveral) continue;
    if (owner == kRootNode || graph.synthetic(owner)) continue;
    sizes.add(owner, sizes[node]);
    sizes.set(node, 0);
  }
  return true;
}

}  // namespace corewalk
