#include "graph/reachability.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "graph/prefetch.h"

namespace corewalk {
namespace {

constexpr std::array<DistanceTable::Range, 3> kCommonDistances = {{
    {.base = 0, .count = 0xC000},
    {.base = Reachability::kSystemDistance, .count = 0x3000},
    {.base = Reachability::kGuessDistance, .count = 0x0FFE},
}};

}  // namespace

/// Two searches breadth first share one queue: from the user roots, then from the root. What they
/// leave out, edges that are not measured and one side of ephemerons, is made up for afterwards.
class Reachability::Search {
 public:
  Search(const ObjectGraph& graph, Progress& progress)
      : graph_(graph),
        progress_(progress),
        visited_(graph.node_count()),
        queue_(graph.node_count() + 1),  // one more: see push
        half_reached_(graph.ephemerons().size()) {
    result_.distances_ = DistanceTable(graph.node_count(), kCommonDistances);
    result_.guessed_ = NodeBitmap(graph.node_count());
    result_.held_again_ = NodeBitmap(graph.node_count());
  }

  std::optional<Reachability> run() {
    progress_.begin("reachability", graph_.node_count());
    for (const NodeId root : graph_.user_roots()) push(root);
    const bool has_user_roots = tail_ > 0;
    bool whole = spread(1);
    if (whole) {
      result_.user_owned_ = visited_.copy();
      push(kRootNode);
      whole = spread(has_user_roots ? kSystemDistance : 0);
    }
    if (whole) {
      result_.live_ = std::move(visited_);
      add_unmeasured(result_.live_);
      if (has_user_roots) add_unmeasured(result_.user_owned_);
      add_guessed();
      result_.live_count_ = result_.live_.count();
    }
    progress_.end();
    if (!whole) return std::nullopt;
    return std::move(result_);
  }

 private:
  /// Without a branch: whether a node is new cannot be foretold.
  void push(NodeId node) {
    queue_[tail_] = node;
    const bool is_new = visited_.insert(node);
    result_.held_again_.set_if(!is_new, node);
    tail_ += is_new ? 1U : 0U;
  }

  /// Goes on from what is in the queue, which has `distance`. False if interrupted.
  bool spread(uint32_t distance) {
    constexpr size_t kNodesPerPoll = 1 << 16;
    size_t next_poll = head_ + kNodesPerPoll;
    for (; head_ < tail_; ++distance) {
      for (const size_t level_end = tail_; head_ < level_end; ++head_) {
        read_ahead();
        const NodeId node = queue_[head_];
        result_.distances_.set(node, distance);
        for (const NodeId target : graph_.successors(node)) push(target);
        if (graph_.has_more(node)) push_more(node);
        if (head_ == next_poll) {
          next_poll += kNodesPerPoll;
          progress_.advance(kNodesPerPoll);
          if (progress_.interrupted()) return false;
        }
      }
    }
    return true;
  }

  void read_ahead() {
    const auto first_edges = graph_.first_edges();
    if (const size_t far = head_ + size_t{2} * kReadAhead; far < tail_) {
      prefetch(&first_edges[queue_[far]]);
    }
    if (const size_t near = head_ + kReadAhead; near < tail_) {
      const NodeId node = queue_[near];
      prefetch(graph_.targets().data() + first_edges[node]);
      result_.distances_.read_ahead(node);
    }
  }

  void push_more(NodeId node) {
    for (const SpecialEdge& edge : graph_.special_edges(node)) {
      using Kind = SpecialEdge::Kind;
      if (edge.kind != Kind::kNotMeasured && edge.kind != Kind::kGuess) push(edge.to);
    }
    graph_.for_each_ephemeron(node, [&](uint32_t number, const Ephemeron& ephemeron, NodeId) {
      if (half_reached_[number]) push(ephemeron.value);
      half_reached_[number] = true;
    });
  }

  /// Adds to a set what is held by its nodes and not in it yet. It lacks only what the searches
  /// leave out, and what that holds.
  void add_unmeasured(NodeBitmap& set) {
    std::vector<NodeId> pending;
    const auto add = [&](NodeId node) {
      if (set.insert(node)) {
        pending.push_back(node);
      } else {
        result_.held_again_.set(node);
      }
    };
    const auto add_more = [&](NodeId node) {
      for (const SpecialEdge& edge : graph_.special_edges(node)) {
        if (edge.kind != SpecialEdge::Kind::kGuess) add(edge.to);
      }
      graph_.for_each_ephemeron(node, [&](uint32_t, const Ephemeron& ephemeron, NodeId other) {
        if (node != ephemeron.key && graph_.keys_own_values()) return;
        if (result_.live_.test(other)) add(ephemeron.value);
      });
    };
    std::vector<NodeId> with_more;
    graph_.nodes_with_more().for_each([&](NodeId node) {
      if (set.test(node)) with_more.push_back(node);
    });
    for (const NodeId node : with_more) add_more(node);
    while (!pending.empty()) {
      const NodeId node = pending.back();
      pending.pop_back();
      for (const NodeId target : graph_.successors(node)) add(target);
      if (graph_.has_more(node)) add_more(node);
    }
  }

  /// What guesses lead to and is not live without them, level by level.
  void add_guessed() {
    std::vector<NodeId> level;
    uint32_t distance = kGuessDistance;
    const auto reach = [&](NodeId node, std::vector<NodeId>& next) {
      if (result_.live_.insert(node)) {
        result_.guessed_.set(node);
        result_.distances_.set(node, distance);
        next.push_back(node);
      } else if (result_.guessed_.test(node)) {
        result_.held_again_.set(node);
      }
    };
    graph_.nodes_with_more().for_each([&](NodeId node) {
      if (!result_.live_.test(node) || result_.guessed_.test(node)) return;
      for (const SpecialEdge& edge : graph_.special_edges(node)) {
        if (edge.kind == SpecialEdge::Kind::kGuess) reach(edge.to, level);
      }
    });
    while (!level.empty()) {
      ++distance;
      std::vector<NodeId> next;
      for (const NodeId node : level) {
        for (const NodeId target : graph_.successors(node)) reach(target, next);
        if (!graph_.has_more(node)) continue;
        for (const SpecialEdge& edge : graph_.special_edges(node)) reach(edge.to, next);
        graph_.for_each_ephemeron(node, [&](uint32_t, const Ephemeron& ephemeron, NodeId other) {
          if (result_.live_.test(other)) reach(ephemeron.value, next);
        });
      }
      level = std::move(next);
    }
  }

  const ObjectGraph& graph_;
  Progress& progress_;
  NodeBitmap visited_;
  FlatArray<NodeId> queue_;
  size_t head_ = 0;
  size_t tail_ = 0;
  std::vector<bool> half_reached_;  ///< of each ephemeron: key or table was come by
  Reachability result_;
};

std::optional<Reachability> Reachability::find(const ObjectGraph& graph, Progress& progress) {
  return Search(graph, progress).run();
}

}  // namespace corewalk
