#include "graph/predecessors.h"

#include <utility>

#include "graph/prefetch.h"

namespace corewalk {
namespace {

/// Calls body(from, to) for all edges of live nodes, those that are guesses only where nothing else
/// holds. False if interrupted.
template <typename Body>
bool for_each_edge(const ObjectGraph& graph, const Reachability& reachability, Progress& progress,
                   const FlatArray<uint32_t>& by_target, const Body& body_of_any) {
  const auto body = [&](NodeId from, NodeId to) {
    if (!reachability.guessed(from) || reachability.guessed(to)) body_of_any(from, to);
  };
  constexpr NodeId kNodesPerPoll = 1 << 16;
  const auto count = static_cast<NodeId>(graph.node_count());
  const auto all = graph.targets();
  for (NodeId node = 0; node < count; ++node) {
    if (node % kNodesPerPoll == 0) {
      progress.advance(kNodesPerPoll);
      if (progress.interrupted()) return false;
    }
    if (!reachability.live(node)) continue;
    const auto targets = graph.successors(node);
    const size_t ahead = graph.first_edges()[node] + kReadAhead;
    for (size_t i = 0; i < targets.size(); ++i) {
      if (ahead + i < all.size()) prefetch(by_target.data() + all[ahead + i]);
      body(node, targets[i]);
    }
  }
  graph.nodes_with_more().for_each([&](NodeId node) {
    if (!reachability.live(node)) return;
    for (const SpecialEdge& edge : graph.special_edges(node)) {
      const bool holds = edge.kind != SpecialEdge::Kind::kGuess || reachability.guessed(edge.to);
      if (holds) body(node, edge.to);
    }
    graph.for_each_ephemeron(node, [&](uint32_t, const Ephemeron& ephemeron, NodeId other) {
      if (reachability.live(other)) body(node, ephemeron.value);
    });
  });
  return true;
}

}  // namespace

std::optional<Predecessors> Predecessors::build(const ObjectGraph& graph,
                                                const Reachability& reachability,
                                                Progress& progress) {
  const size_t count = graph.node_count();
  progress.begin("predecessors", 2 * count);
  Predecessors result;
  // The places of a node's sources are counted at the one after it, and then filled in from there:
  // so each first_[i + 1] begins as the first place of i, and ends as the first of i + 1.
  result.first_ = FlatArray<uint32_t>(count + 2, 0);
  auto& next = result.first_;
  bool whole = for_each_edge(graph, reachability, progress, next,
                             [&](NodeId, NodeId to) { ++next[to + 2]; });
  for (size_t i = 2; i < next.size(); ++i) next[i] += next[i - 1];
  if (whole) {
    result.sources_ = FlatArray<NodeId>(next[count + 1]);
    whole = for_each_edge(graph, reachability, progress, next,
                          [&](NodeId from, NodeId to) { result.sources_[next[to + 1]++] = from; });
  }
  progress.end();
  if (!whole) return std::nullopt;
  return result;
}

}  // namespace corewalk
