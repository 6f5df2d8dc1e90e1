#include "graph/shortest_paths.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <queue>
#include <set>
#include <utility>

namespace corewalk {
namespace {

/// Best first over ways upwards that began at the node: the distances of nodes say how long the
/// shortest end of each is, so hardly a step is in vain.
class PathSearch {
 public:
  PathSearch(const PathGraph& graph, size_t limit) : graph_(graph), limit_(limit) {}

  std::vector<NodePath> run(NodeId start, Progress& progress) {
    std::vector<NodePath> paths;
    if (distance(start) == Reachability::kNoDistance) return paths;
    add(start, kNoStep);
    while (!open_.empty() && paths.size() < limit_ && work_ < kMaxWork) {
      if (++work_ % kWorkPerPoll == 0 && progress.interrupted()) break;
      const uint32_t step = open_.top().second;
      open_.pop();
      if (graph_.at_top(steps_[step].node)) {
        paths.push_back(path_to(step));
      } else {
        extend(step);
      }
    }
    return paths;
  }

 private:
  static constexpr uint32_t kNoStep = ~uint32_t{0};
  static constexpr size_t kMaxWork = 100'000'000;
  static constexpr size_t kWorkPerPoll = 1024;
  static constexpr size_t kMinHolders = 64;

  struct Step {
    NodeId node;
    uint32_t below;    ///< the step that it goes on from
    uint32_t length;   ///< of the way up to here, in edges
    uint32_t nearest;  ///< the least distance of a node on the way
  };

  [[nodiscard]] uint32_t distance(NodeId node) const { return graph_.reachability.distance(node); }

  void add(NodeId node, uint32_t below) {
    Step step{node, below, 0, distance(node)};
    if (below != kNoStep) {
      step.length = steps_[below].length + 1;
      step.nearest = std::min(step.nearest, steps_[below].nearest);
    }
    open_.emplace(uint64_t{distance(node)} + step.length, static_cast<uint32_t>(steps_.size()));
    steps_.push_back(step);
  }

  [[nodiscard]] bool on_way(NodeId node, uint32_t step) {
    if (distance(node) < steps_[step].nearest) return false;
    for (; step != kNoStep; step = steps_[step].below) {
      ++work_;
      if (steps_[step].node == node) return true;
    }
    return false;
  }

  void extend(uint32_t step) {
    const size_t most = std::max(limit_, kMinHolders);
    std::set<std::pair<uint32_t, NodeId>> nearest;
    for (const NodeId holder : graph_.predecessors.of(steps_[step].node)) {
      const std::pair candidate(distance(holder), holder);
      ++work_;
      if (candidate.first == Reachability::kNoDistance) continue;
      if (nearest.size() == most && candidate >= *nearest.rbegin()) continue;
      if (on_way(holder, step)) continue;
      nearest.insert(candidate);
      if (nearest.size() > most) nearest.erase(std::prev(nearest.end()));
    }
    for (const auto& candidate : nearest) add(candidate.second, step);
  }

  [[nodiscard]] NodePath path_to(uint32_t step) const {
    NodePath path;
    for (; step != kNoStep; step = steps_[step].below) path.push_back(steps_[step].node);
    std::reverse(path.begin(), path.end());
    return path;
  }

  const PathGraph& graph_;
  size_t limit_;
  size_t work_ = 0;
  std::vector<Step> steps_;
  /// Steps, with the length that their ways come to; the first added comes first among equals.
  using Open = std::pair<uint64_t, uint32_t>;
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open_;
};

}  // namespace

bool PathGraph::at_top(NodeId node) const {
  if (node == kRootNode) return true;
  const auto roots = graph.user_roots();
  return reachability.distance(node) == 1 &&
         std::find(roots.begin(), roots.end(), node) != roots.end();
}

NodeId PathGraph::nearest_holder(NodeId node) const {
  if (at_top(node) || reachability.distance(node) == Reachability::kNoDistance) return kNoNode;
  for (const NodeId holder : predecessors.of(node)) {
    if (reachability.distance(holder) + 1 == reachability.distance(node)) return holder;
  }
  if (reachability.distance(node) == Reachability::kGuessDistance) {
    for (const NodeId holder : predecessors.of(node)) {
      if (!reachability.guessed(holder)) return holder;
    }
  }
  return kNoNode;
}

std::vector<NodePath> find_shortest_paths(const PathGraph& graph, NodeId node, size_t limit,
                                          Progress& progress) {
  return PathSearch(graph, limit).run(node, progress);
}

}  // namespace corewalk
