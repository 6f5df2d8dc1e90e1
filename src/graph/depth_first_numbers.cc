#include "graph/depth_first_numbers.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "graph/prefetch.h"

namespace corewalk {

class DepthFirstNumbers::Search {
 public:
  Search(const ObjectGraph& graph, const Reachability& reachability, Progress& progress)
      : graph_(graph),
        reachability_(reachability),
        progress_(progress),
        number_of_(graph.node_count(), kNoNumber),
        frames_(reachability.live_count()),
        result_(reachability.live_count()) {}

  std::optional<DepthFirstNumbers> run() {
    progress_.begin("depth-first search", reachability_.live_count());
    number(kRootNode, 0);
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
  static constexpr uint32_t kNoNumber = std::numeric_limits<uint32_t>::max();

  /// A node whose edges are being followed. A way down a list is as long as the list: this is
  /// small.
  struct Frame {
    uint32_t number;
    uint32_t next;  ///< of its edges; after them come special edges and ephemerons
  };

  uint32_t number(NodeId node, uint32_t parent) {
    const uint32_t number = count_++;
    number_of_[node] = number;
    result_.nodes[number] = node;
    result_.parents[number] = parent;
    result_.lowest_source[number] = parent;
    return number;
  }

  void reach_from_root(NodeId node) {
    if (node == kRootNode || node == kNoNode) return;
    if (number_of_[node] != kNoNumber) {
      result_.lowest_source[number_of_[node]] = 0;
    } else {
      search(node);
    }
  }

  void search(NodeId start) {
    enter(start, 0);
    while (depth_ > 0 && !interrupted_) {
      Frame& frame = frames_[depth_ - 1];
      const NodeId node = result_.nodes[frame.number];
      const NodeId next = next_unreached(node, frame);
      if (next == kNoNode) {
        --depth_;
      } else {
        enter(next, frame.number);
      }
    }
  }

  void enter(NodeId node, uint32_t parent) {
    frames_[depth_++] = {number(node, parent), 0};
    const auto targets = graph_.successors(node);
    const size_t ahead = std::min<size_t>(targets.size(), kReadAhead);
    for (size_t i = 0; i < ahead; ++i) prefetch(&number_of_[targets[i]]);
    constexpr uint32_t kNodesPerPoll = 1 << 16;
    if (count_ % kNodesPerPoll == 0) {
      progress_.advance(kNodesPerPoll);
      interrupted_ = progress_.interrupted();
    }
  }

  /// Goes on through the edges of a node, up to one that leads to a node without number.
  NodeId next_unreached(NodeId node, Frame& frame) {
    const bool user_owned = reachability_.user_owned(node);
    const auto targets = graph_.successors(node);
    while (frame.next < targets.size()) {
      const NodeId target = targets[frame.next++];
      if (counts(user_owned, target) && follow(frame.number, target)) return target;
    }
    if (!graph_.has_more(node)) return kNoNode;
    for (const size_t end = targets.size() + more_count(node); frame.next < end;) {
      const NodeId target = more_target(node, frame.next++ - static_cast<uint32_t>(targets.size()));
      if (target != kNoNode && counts(user_owned, target) && follow(frame.number, target)) {
        return target;
      }
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
      const bool dominates = special[index].kind != SpecialEdge::Kind::kNotDominating;
      return dominates ? special[index].to : kNoNode;
    }
    const Ephemeron& ephemeron = graph_.ephemerons_of_key(node)[index - special.size()];
    return reachability_.live(ephemeron.table) ? ephemeron.value : kNoNode;
  }

  /// Whether an edge from a node, user owned or not, counts.
  [[nodiscard]] bool counts(bool user_owned, NodeId target) const {
    return user_owned || !reachability_.user_owned(target);
  }

  /// Notes an edge. True if it leads to a node without number, which must get one at once.
  bool follow(uint32_t from, NodeId target) {
    const uint32_t to = number_of_[target];
    if (to == kNoNumber) return true;
    if (to > from) {
      uint32_t& lowest = result_.lowest_source[to];
      lowest = std::min(lowest, from);
    } else if (to < from && to != 0) {
      result_.cross_edges.add(from, to);
    }
    return false;
  }

  /// First what no edge leads to, and what that reaches; then the rest, cycles of orphans, each on
  /// the root (HeapSnapshot.ts, calculateDominatorsAndRetainedSizes).
  void number_orphans() {
    if (count_ == reachability_.live_count() || interrupted_) return;
    std::vector<NodeId> orphans;
    reachability_.live_nodes().for_each([&](NodeId node) {
      if (number_of_[node] == kNoNumber) orphans.push_back(node);
    });
    NodeBitmap held(graph_.node_count());
    for (const NodeId node : orphans) {
      for_each_target(node, [&](NodeId target) {
        if (target != node) held.set(target);
      });
    }
    for (const NodeId node : orphans) {
      if (!held.test(node) && number_of_[node] == kNoNumber) search(node);
    }
    for (const NodeId node : orphans) {
      if (number_of_[node] != kNoNumber) continue;
      const uint32_t from = number(node, 0);
      for_each_target(node, [&](NodeId target) {
        if (number_of_[target] != kNoNumber) (void)follow(from, target);
      });
    }
  }

  /// Calls body(target) for the edges of a node that count.
  template <typename Body>
  void for_each_target(NodeId node, const Body& body) {
    for (const NodeId target : graph_.successors(node)) {
      if (counts(reachability_.user_owned(node), target)) body(target);
    }
    for (uint32_t i = 0; i < more_count(node); ++i) {
      const NodeId target = more_target(node, i);
      if (target != kNoNode && counts(reachability_.user_owned(node), target)) body(target);
    }
  }

  const ObjectGraph& graph_;
  const Reachability& reachability_;
  Progress& progress_;
  FlatArray<uint32_t> number_of_;
  FlatArray<Frame> frames_;  ///< what is never reached of it takes no memory
  size_t depth_ = 0;
  uint32_t count_ = 0;
  bool interrupted_ = false;
  DepthFirstNumbers result_;
};

std::optional<DepthFirstNumbers> DepthFirstNumbers::of(const ObjectGraph& graph,
                                                       const Reachability& reachability,
                                                       Progress& progress) {
  return Search(graph, reachability, progress).run();
}

}  // namespace corewalk
