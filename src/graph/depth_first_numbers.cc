#include "graph/depth_first_numbers.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>
#include <vector>

#include "graph/prefetch.h"
#include "graph/ranked_nodes.h"

namespace corewalk {
namespace {

/// Nodes that may have more than one holder, and what the root holds: all others are met over the
/// one edge that leads to them.
NodeBitmap find_joins(const ObjectGraph& graph, const Reachability& reachability) {
  NodeBitmap joins = reachability.held_again().copy();
  joins.set(kRootNode);
  for (const NodeId root : graph.user_roots()) joins.set(root);
  for (const NodeId target : graph.successors(kRootNode)) joins.set(target);
  graph.nodes_with_more().for_each([&](NodeId node) {
    for (const SpecialEdge& edge : graph.special_edges(node)) joins.set(edge.to);
  });
  for (const Ephemeron& one : graph.ephemerons()) joins.set(one.value);
  return joins;
}

}  // namespace

class DepthFirstNumbers::Search {
 public:
  Search(const ObjectGraph& graph, const Reachability& reachability, Progress& progress)
      : graph_(graph),
        reachability_(reachability),
        progress_(progress),
        joins_(find_joins(graph, reachability)),
        rank_of_(joins_.size(), kNoRank),
        finished_(reachability.live_count()),
        result_(reachability.live_count(), joins_.size()) {}

  std::optional<DepthFirstNumbers> run() {
    progress_.begin("depth-first search", reachability_.live_count());
    enter(kRootNode, {.number = 0, .next = 0, .head = 0});
    // What user roots reach comes first: nothing reached later has an edge into it that counts.
    for (const NodeId root : graph_.user_roots()) reach_from_root(root);
    for (const NodeId target : graph_.successors(kRootNode)) reach_from_root(target);
    for (uint32_t i = 0; i < more_count(kRootNode); ++i) reach_from_root(more_target(kRootNode, i));
    number_orphans();
    progress_.end();
    if (interrupted_) return std::nullopt;
    return std::move(result_);
  }

 private:
  static constexpr uint32_t kNoRank = RankedNodes::kNone;

  /// A node whose edges are being followed. A way down a list is as long as the list: this is
  /// small.
  struct Frame {
    uint32_t number;
    uint32_t next;  ///< of its edges; after them come special edges and ephemerons
    uint32_t head;  ///< rank of the nearest join on the way up, itself included
  };

  /// Gives the node the next number; it was first reached from that of a frame.
  Frame number(NodeId node, const Frame& parent) {
    assert(count_ < result_.nodes.size());
    const uint32_t number = count_++;
    result_.nodes[number] = node;
    result_.parents[number] = parent.number;
    const uint32_t join = joins_.find(node);
    if (join == RankedNodes::kNone) return {number, 0, parent.head};
    const uint32_t rank = result_.join_count++;
    rank_of_[join] = rank;
    result_.joins[rank] = {number, parent.head, parent.number};
    return {number, 0, rank};
  }

  void reach_from_root(NodeId node) {
    if (node == kRootNode || node == kNoNode) return;
    if (const uint32_t rank = rank_of_[joins_.find(node)]; rank != kNoRank) {
      result_.joins[rank].lowest_source = 0;
    } else {
      search(node);
    }
  }

  void search(NodeId start) {
    const size_t depth = frames_.size();
    enter(start, frames_.back());
    while (frames_.size() > depth && !interrupted_) {
      Frame& frame = frames_.back();
      const NodeId node = result_.nodes[frame.number];
      const NodeId next = next_unreached(node, frame);
      if (next == kNoNode) {
        finished_.set(frame.number);
        frames_.pop_back();
      } else {
        enter(next, frame);
      }
    }
  }

  void enter(NodeId node, const Frame& parent) {
    frames_.push_back(number(node, parent));
    const auto targets = graph_.successors(node);
    const size_t ahead = std::min<size_t>(targets.size(), kReadAhead);
    for (size_t i = 0; i < ahead; ++i) read_ahead(targets[i]);
    constexpr uint32_t kNodesPerPoll = 1 << 16;
    if (count_ % kNodesPerPoll == 0) {
      progress_.advance(kNodesPerPoll);
      interrupted_ = progress_.interrupted();
    }
  }

  void read_ahead(NodeId target) const {
    const uint32_t join = joins_.find(target);
    if (join == RankedNodes::kNone) {
      prefetch(&graph_.first_edges()[target]);
    } else {
      prefetch(&rank_of_[join]);
    }
  }

  /// Goes on through the edges of a node, up to one that leads to a node without number.
  NodeId next_unreached(NodeId node, Frame& frame) {
    const Tier tier = tier_of(node);
    const auto targets = graph_.successors(node);
    while (frame.next < targets.size()) {
      const NodeId target = targets[frame.next++];
      if (counts(tier, target) && follow(frame, target)) {
        // By the time the search comes to the next edge, its target's edges will be there.
        if (frame.next < targets.size()) {
          prefetch(graph_.targets().data() + graph_.first_edges()[targets[frame.next]]);
        }
        return target;
      }
    }
    if (!graph_.has_more(node)) return kNoNode;
    for (const size_t end = targets.size() + more_count(node); frame.next < end;) {
      const NodeId target = more_target(node, frame.next++ - static_cast<uint32_t>(targets.size()));
      if (target != kNoNode && counts(tier, target) && follow(frame, target)) return target;
    }
    return kNoNode;
  }

  /// Special edges, and ephemerons of which the node is the key.
  [[nodiscard]] uint32_t more_count(NodeId node) const {
    return static_cast<uint32_t>(graph_.special_edges(node).size() +
                                 graph_.ephemerons_of_key(node).size());
  }
  [[nodiscard]] NodeId more_target(NodeId node, uint32_t index) const {
    const auto special = graph_.special_edges(node);
    if (index < special.size()) {
      const SpecialEdge& edge = special[index];
      const bool dominates = edge.kind == SpecialEdge::Kind::kGuess
                                 ? reachability_.guessed(edge.to)
                                 : edge.kind != SpecialEdge::Kind::kNotDominating;
      return dominates ? edge.to : kNoNode;
    }
    const Ephemeron& ephemeron = graph_.ephemerons_of_key(node)[index - special.size()];
    return reachability_.live(ephemeron.table) ? ephemeron.value : kNoNode;
  }

  /// How sure it is that the program needs a node. An edge into a surer tier does not count.
  enum class Tier : uint8_t { kUserOwned, kSystem, kGuessed };
  [[nodiscard]] Tier tier_of(NodeId node) const {
    if (reachability_.user_owned(node)) return Tier::kUserOwned;
    return reachability_.guessed(node) ? Tier::kGuessed : Tier::kSystem;
  }
  [[nodiscard]] bool counts(Tier from, NodeId target) const {
    return from == Tier::kUserOwned ||
           (from == Tier::kSystem && !reachability_.user_owned(target)) ||
           reachability_.guessed(target);
  }

  /// Notes an edge of the node at hand. True if it leads to a node without number, which must get
  /// one at once.
  bool follow(const Frame& from, NodeId target) {
    const uint32_t join = joins_.find(target);
    if (join == RankedNodes::kNone) return true;
    const uint32_t rank = rank_of_[join];
    if (rank == kNoRank) return true;
    if (rank == 0) return false;
    Join& to = result_.joins[rank];
    if (from.head < rank && from.number < to.number) {
      to.lowest_source = std::min(to.lowest_source, from.number);
      return false;
    }
    // The lowest source is on the way up from the join. While it is on the way to the node at hand
    // too, the ways part there or further down.
    if (finished_.test(to.lowest_source)) to.lowest_source = nearest_ancestor(to.number);
    if (from.head > rank) add_cross_edge(from.head, rank);
    return false;
  }

  /// What one join keeps tends to have edges to the same few nodes, such as Maps: once will do.
  void add_cross_edge(uint32_t from, uint32_t to) {
    RecentEdge& recent = recent_[to % recent_.size()];
    if (recent.from == from && recent.to == to) return;
    recent = {from, to};
    result_.cross_edges.add(from, to);
  }

  /// The number of the last node on the way to the one at hand that `number`, which is not on it,
  /// is below of.
  [[nodiscard]] uint32_t nearest_ancestor(uint32_t number) const {
    size_t above = frames_.size() - 1;  // of the way; a higher number
    size_t step = 1;
    for (; step <= above && frames_[above - step].number > number; step *= 2) above -= step;
    const Frame* const first = frames_.data() + (above - std::min(step, above));
    const Frame* const found =
        std::partition_point(first, frames_.data() + above,
                             [number](const Frame& frame) { return frame.number <= number; });
    return found[-1].number;
  }

  /// First what no edge leads to, and what that reaches; then the rest, cycles of orphans, each on
  /// the root (HeapSnapshot.ts, calculateDominatorsAndRetainedSizes).
  void number_orphans() {
    if (count_ == reachability_.live_count() || interrupted_) return;
    NodeBitmap numbered(graph_.node_count());
    for (uint32_t i = 0; i < count_; ++i) numbered.set(result_.nodes[i]);
    std::vector<NodeId> orphans;
    NodeBitmap held(graph_.node_count());
    reachability_.live_nodes().for_each([&](NodeId node) {
      if (numbered.test(node)) return;
      orphans.push_back(node);
      for_each_target(node, [&](NodeId target) {
        if (target != node) held.set(target);
      });
    });
    for (const NodeId node : orphans) {
      const uint32_t first = count_;
      if (!held.test(node) && !numbered.test(node)) search(node);
      for (uint32_t i = first; i < count_; ++i) numbered.set(result_.nodes[i]);
    }
    std::erase_if(orphans, [&](NodeId node) { return numbered.test(node); });
    for (const NodeId node : orphans) finished_.set(number(node, frames_.back()).number);
    for (const NodeId node : orphans) {
      for_each_target(node, [&](NodeId target) {
        const uint32_t join = joins_.find(target);
        if (join != RankedNodes::kNone) result_.joins[rank_of_[join]].lowest_source = 0;
      });
    }
  }

  /// Calls body(target) for the edges of a node that count.
  template <typename Body>
  void for_each_target(NodeId node, const Body& body) {
    const Tier tier = tier_of(node);
    for (const NodeId target : graph_.successors(node)) {
      if (counts(tier, target)) body(target);
    }
    for (uint32_t i = 0; i < more_count(node); ++i) {
      const NodeId target = more_target(node, i);
      if (target != kNoNode && counts(tier, target)) body(target);
    }
  }

  const ObjectGraph& graph_;
  const Reachability& reachability_;
  Progress& progress_;
  RankedNodes joins_;
  FlatArray<uint32_t> rank_of_;  ///< of each join; kNoRank: it was not met yet
  NodeBitmap finished_;          ///< numbers of nodes all of whose edges were followed
  std::vector<Frame> frames_;    ///< from the root to the node at hand
  uint32_t count_ = 0;
  bool interrupted_ = false;
  struct RecentEdge {
    uint32_t from = 0;
    uint32_t to = 0;
  };
  std::array<RecentEdge, 1024> recent_{};
  DepthFirstNumbers result_;
};

std::optional<DepthFirstNumbers> DepthFirstNumbers::of(const ObjectGraph& graph,
                                                       const Reachability& reachability,
                                                       Progress& progress) {
  return Search(graph, reachability, progress).run();
}

}  // namespace corewalk
