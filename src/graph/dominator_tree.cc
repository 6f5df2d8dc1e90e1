#include "graph/dominator_tree.h"

#include <algorithm>
#include <utility>

#include "graph/depth_first_numbers.h"
#include "graph/prefetch.h"

namespace corewalk {
namespace {

/// The joins that were processed so far, as a forest. It answers which of those on the way up to
/// the top of a tree has the lowest semidominator, and makes the way shorter each time. All is in
/// terms of ranks, but for semidominators, which are numbers.
class ProcessedForest {
 public:
  explicit ProcessedForest(size_t count) : links_(count) {}

  /// `rank` is processed now: all higher ones were before.
  void add(uint32_t rank, uint32_t above, uint32_t semidominator) {
    links_[rank] = {above, semidominator};
  }

  /// The lowest semidominator on the way from `rank` up to the top of its tree, if all ranks above
  /// `processed_above` were added.
  [[nodiscard]] uint32_t lowest(uint32_t rank, uint32_t processed_above) {
    uint32_t lowest = links_[rank].lowest;
    while (true) {
      Link& link = links_[rank];
      if (link.ancestor <= processed_above) return lowest;
      const Link above = links_[link.ancestor];
      link.lowest = std::min(link.lowest, above.lowest);
      lowest = std::min(lowest, link.lowest);
      if (above.ancestor <= processed_above) return lowest;
      link.ancestor = above.ancestor;
      rank = above.ancestor;
      lowest = std::min(lowest, links_[rank].lowest);
    }
  }

  void read_ahead(uint32_t rank) const { prefetch(links_.data() + rank); }

 private:
  struct Link {
    uint32_t ancestor;
    uint32_t lowest;  ///< semidominator from here to below the ancestor
  };
  FlatArray<Link> links_;
};

/// Semidominators of joins, in place of `lowest_source`. (L. Georgiadis, "Linear-time algorithms
/// for dominators and related problems", 2005, section 2: semi-NCA.) False if interrupted.
bool find_semidominators(DepthFirstNumbers& numbers, Progress& progress) {
  constexpr uint32_t kJoinsPerPoll = 1 << 16;
  ProcessedForest forest(numbers.join_count);
  for (uint32_t rank = numbers.join_count; --rank > 0;) {
    DepthFirstNumbers::Join& join = numbers.joins[rank];
    uint32_t lowest = join.lowest_source;
    const auto sources = numbers.cross_edges.to(rank);
    for (size_t i = 0; i < sources.size() && lowest > 0; ++i) {
      if (i + kReadAhead < sources.size()) forest.read_ahead(sources[i + kReadAhead]);
      lowest = std::min(lowest, forest.lowest(sources[i], rank));
    }
    join.lowest_source = lowest;
    forest.add(rank, join.above, lowest);
    if (rank % kJoinsPerPoll == 0) {
      progress.advance(kJoinsPerPoll);
      if (progress.interrupted()) return false;
    }
  }
  return true;
}

/// Immediate dominators by number, in place of `parents`: of a join the nearest common ancestor, in
/// the tree of dominators so far, of the parent and the semidominator.
void find_dominators(DepthFirstNumbers& numbers) {
  auto& dominators = numbers.parents;
  for (uint32_t rank = 1; rank < numbers.join_count; ++rank) {
    const DepthFirstNumbers::Join& join = numbers.joins[rank];
    uint32_t dominator = dominators[join.number];
    while (dominator > join.lowest_source) dominator = dominators[dominator];
    dominators[join.number] = dominator;
  }
}

}  // namespace

std::optional<DominatorTree> DominatorTree::build(const ObjectGraph& graph,
                                                  const Reachability& reachability,
                                                  Progress& progress) {
  auto numbers = DepthFirstNumbers::of(graph, reachability, progress);
  if (!numbers) return std::nullopt;
  return build(std::move(*numbers), graph.node_count(), progress);
}

std::optional<DominatorTree> DominatorTree::build(DepthFirstNumbers numbers, size_t node_count,
                                                  Progress& progress) {
  progress.begin("dominators", numbers.join_count);
  const bool whole = find_semidominators(numbers, progress);
  progress.end();
  if (!whole) return std::nullopt;
  numbers.cross_edges = CrossEdges(0);
  find_dominators(numbers);
  numbers.joins = {};
  DominatorTree tree;
  tree.lay_out(node_count, std::move(numbers));
  return tree;
}

void DominatorTree::lay_out(size_t node_count, DepthFirstNumbers numbers) {
  // Each array is given back when the one that replaces it stands.
  auto& dominators = numbers.parents;
  const size_t count = dominators.size();
  FlatArray<uint32_t> subtree_sizes(count, 1);
  for (size_t i = count; --i > 0;) subtree_sizes[dominators[i]] += subtree_sizes[i];

  // Once a number has its position, its subtree's size is of no more use, and in its place stands
  // the next position below it that is not taken: in the end, the end of its subtree.
  auto& next_free = subtree_sizes;
  positions_ = FlatArray<uint32_t>(node_count, kNoPosition);
  positions_[numbers.nodes[0]] = 0;
  next_free[0] = 1;
  for (size_t i = 1; i < count; ++i) {
    const uint32_t position = next_free[dominators[i]];
    positions_[numbers.nodes[i]] = position;
    next_free[dominators[i]] += subtree_sizes[i];
    next_free[i] = position + 1;
  }
  ends_ = FlatArray<uint32_t>(count);
  for (size_t i = 0; i < count; ++i) ends_[positions_[numbers.nodes[i]]] = next_free[i];
  next_free = {};
  dominators_ = FlatArray<uint32_t>(count);
  for (size_t i = 0; i < count; ++i) {
    dominators_[positions_[numbers.nodes[i]]] = positions_[numbers.nodes[dominators[i]]];
  }
  dominators = {};
  nodes_ = FlatArray<NodeId>(count);
  for (size_t i = 0; i < count; ++i) nodes_[positions_[numbers.nodes[i]]] = numbers.nodes[i];
}

}  // namespace corewalk
