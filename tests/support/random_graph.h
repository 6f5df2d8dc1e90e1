#pragma once

#include <random>

#include "graph/object_graph.h"
#include "support/text_graph.h"

namespace corewalk::test {

/// A small graph with everything that a heap may have, and what it was made from.
struct RandomGraph {
  EdgeLists successors;
  std::vector<SpecialEdge> special_edges;
  std::vector<Ephemeron> ephemerons;
  std::vector<NodeId> user_roots;
  std::vector<uint8_t> flags;

  explicit RandomGraph(uint32_t seed, bool plain = false, bool with_guesses = false);
  [[nodiscard]] ObjectGraph build() const;
};

inline RandomGraph::RandomGraph(uint32_t seed, bool plain, bool with_guesses) {
  std::mt19937 random(seed);
  const auto below = [&](size_t limit) { return static_cast<NodeId>(random() % limit); };
  const size_t count = 2 + below(14);
  successors.resize(count);
  flags.resize(count);
  for (size_t i = below(count * 3); i > 0; --i) successors[below(count)].push_back(below(count));
  successors[kRootNode].push_back(1 + below(count - 1));
  if (plain) return;
  for (size_t i = below(4); i > 0; --i) {
    ephemerons.push_back({below(count), below(count), below(count)});
  }
  for (size_t i = below(3); i > 0; --i) {
    using Kind = SpecialEdge::Kind;
    special_edges.push_back({1 + below(count - 1), below(count),
                             below(2) == 0 ? Kind::kNotDominating : Kind::kNotMeasured});
  }
  for (size_t i = with_guesses ? below(4) : 0; i > 0; --i) {
    special_edges.push_back({1 + below(count - 1), below(count), SpecialEdge::Kind::kGuess});
  }
  for (size_t i = below(3); i > 0; --i) {
    user_roots.push_back(1 + below(count - 1));
    successors[kRootNode].push_back(user_roots.back());
  }
  for (uint8_t& flag : flags) {
    if (below(3) == 0) flag = below(4) == 0 ? kSynthetic : kOwnable;
  }
}

inline ObjectGraph RandomGraph::build() const {
  GraphParts parts = graph_parts(successors);
  for (size_t i = 0; i < flags.size(); ++i) parts.flags[i] = flags[i];
  parts.special_edges = special_edges;
  parts.ephemerons = ephemerons;
  parts.user_roots = user_roots;
  return ObjectGraph(std::move(parts));
}

}  // namespace corewalk::test
