// What is alive and how far away, on graphs written as text, and on random ones against rules
// applied until nothing changes.

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/failure.h"
#include "base/progress.h"
#include "graph/reachability.h"
#include "support/catch.h"
#include "support/random_graph.h"
#include "support/text_graph.h"

namespace corewalk {
namespace {

using test::RandomGraph;
using test::TextGraph;

Reachability reachability_of(const ObjectGraph& graph) {
  NoProgress progress;
  auto reachability = Reachability::find(graph, progress);
  REQUIRE(reachability.has_value());
  return std::move(*reachability);
}

/// "a:1 b:2 c:s3 d:-": s for what no user root reaches, - for no distance.
std::string distances_of(const TextGraph& graph) {
  const Reachability reachability = reachability_of(*graph);
  std::string text;
  for (NodeId node = 1; node < graph->node_count(); ++node) {
    const uint32_t distance = reachability.distance(node);
    text += (text.empty() ? "" : " ") + graph.name(node) + ":";
    if (distance == Reachability::kNoDistance) {
      text += "-";
    } else if (distance >= Reachability::kSystemDistance) {
      text += "s" + std::to_string(distance - Reachability::kSystemDistance);
    } else {
      text += std::to_string(distance);
    }
  }
  return text;
}

TEST_CASE("distances count from user roots, then from the root", "[graph][reachability]") {
  CHECK(distances_of(TextGraph("root => g\nroot -> roots\ng -> a\na -> b\nroots -> b c\nc -> d\n"
                               "dead -> a")) == "g:1 roots:s1 a:2 b:3 c:s2 d:s3 dead:-");
  CHECK(distances_of(TextGraph("root -> roots\nroots -> a")) == "roots:1 a:2");
}

TEST_CASE("what only a guess leads to is live, and known as such", "[graph][reachability]") {
  const TextGraph graph(
      "root => g\nroot -> stack\ng -> a\nstack ?> a b\nb -> a c\ntable & c -> value\n"
      "g -> table\nvalue -> d\ndead ?> e");
  const Reachability reachability = reachability_of(*graph);
  const auto describe = [&](const char* name) {
    const NodeId node = graph.node(name);
    return std::pair(reachability.live(node), reachability.guessed(node));
  };
  CHECK(describe("a") == std::pair(true, false));
  CHECK(describe("stack") == std::pair(true, false));
  for (const char* name : {"b", "c", "value", "d"}) CHECK(describe(name) == std::pair(true, true));
  CHECK(describe("e") == std::pair(false, false));
  CHECK(reachability.distance(graph.node("a")) == 2);
  CHECK(reachability.distance(graph.node("b")) == Reachability::kGuessDistance);
  CHECK(reachability.distance(graph.node("c")) == Reachability::kGuessDistance + 1);
}

TEST_CASE("the value of an ephemeron comes after the farther of key and table",
          "[graph][reachability]") {
  CHECK(distances_of(TextGraph("root => g\ng -> table a\na -> key\ntable & key -> value\n"
                               "value -> more")) == "g:1 table:2 a:2 key:3 value:4 more:5");
  CHECK(distances_of(TextGraph("root => g\nroot -> roots\ng -> table\nroots -> key\n"
                               "table & key -> value")) == "g:1 roots:s1 table:2 key:s2 value:s3");
}

TEST_CASE("an ephemeron holds nothing without its key, or its table", "[graph][reachability]") {
  CHECK(distances_of(TextGraph("root -> table\ntable & key -> value")) == "table:1 key:- value:-");
  CHECK(distances_of(TextGraph("root -> key\ntable & key -> value")) == "key:1 table:- value:-");
  // The key is reached only through the value of another, and through its own not at all.
  CHECK(distances_of(TextGraph("root -> table k1\ntable & k1 -> k2\ntable & k2 -> k3\n"
                               "table & k4 -> k4")) == "table:1 k1:1 k2:2 k3:3 k4:-");
}

TEST_CASE("what distances leave out is alive all the same", "[graph][reachability]") {
  const TextGraph graph("root => g\ng -> table\ng !> a\na -> key\ntable & key -> value\ndead -> a");
  CHECK(distances_of(graph) == "g:1 table:2 a:- key:- value:- dead:-");
  const Reachability reachability = reachability_of(*graph);
  for (const char* name : {"a", "key", "value"}) {
    CHECK(reachability.live(graph.node(name)));
    CHECK(reachability.user_owned(graph.node(name)));
  }
  CHECK_FALSE(reachability.live(graph.node("dead")));
  CHECK(reachability.live_count() == graph->node_count() - 1);
}

TEST_CASE("an ephemeron's value is the user's if its key or table is", "[graph][reachability]") {
  const TextGraph graph("root => g\nroot -> key\ng -> table\ntable & key -> value\nvalue -> more");
  const Reachability reachability = reachability_of(*graph);
  CHECK(reachability.user_owned(graph.node("value")));
  CHECK(reachability.user_owned(graph.node("more")));
  CHECK_FALSE(reachability.user_owned(graph.node("key")));
}

/// All edges of one node but ephemerons.
std::vector<NodeId> edges_of(const RandomGraph& graph, NodeId node, bool measured) {
  std::vector<NodeId> edges = graph.successors[node];
  for (const SpecialEdge& edge : graph.special_edges) {
    if (edge.from != node) continue;
    if (!measured || edge.kind != SpecialEdge::Kind::kNotMeasured) edges.push_back(edge.to);
  }
  return edges;
}

std::vector<bool> live_by_rule(const RandomGraph& graph) {
  std::vector<bool> live(graph.successors.size());
  live[kRootNode] = true;
  for (const NodeId root : graph.user_roots) live[root] = true;
  for (bool changed = true; changed;) {
    const auto before = live;
    for (NodeId node = 0; node < live.size(); ++node) {
      if (!live[node]) continue;
      for (const NodeId target : edges_of(graph, node, false)) live[target] = true;
    }
    for (const Ephemeron& one : graph.ephemerons) {
      if (live[one.key] && live[one.table]) live[one.value] = true;
    }
    changed = before != live;
  }
  return live;
}

/// Lowers distances along edges until none changes; `distances` holds where to begin. What has one
/// below `from` keeps it.
void spread_by_rule(const RandomGraph& graph, uint32_t from, std::vector<uint32_t>& distances) {
  constexpr uint32_t kNone = Reachability::kNoDistance;
  const auto lower = [&](NodeId node, uint32_t distance) {
    if (distances[node] >= from) distances[node] = std::min(distances[node], distance);
  };
  for (bool changed = true; changed;) {
    const auto before = distances;
    for (NodeId node = 0; node < distances.size(); ++node) {
      if (distances[node] == kNone) continue;
      const uint32_t next = std::max(distances[node] + 1, from);
      if (distances[node] < from) continue;
      for (const NodeId target : edges_of(graph, node, true)) lower(target, next);
    }
    for (const Ephemeron& one : graph.ephemerons) {
      const uint32_t farther = std::max(distances[one.key], distances[one.table]);
      if (farther != kNone && farther >= from) lower(one.value, farther + 1);
    }
    changed = before != distances;
  }
}

TEST_CASE("reachability of random graphs", "[graph][reachability]") {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    const RandomGraph random(seed, seed % 4 == 0);
    const Reachability reachability = reachability_of(random.build());
    const auto live = live_by_rule(random);
    std::vector<uint32_t> distances(live.size(), Reachability::kNoDistance);
    for (const NodeId root : random.user_roots) distances[root] = 1;
    spread_by_rule(random, 1, distances);
    const uint32_t base = random.user_roots.empty() ? 0 : Reachability::kSystemDistance;
    distances[kRootNode] = std::min(distances[kRootNode], base);
    spread_by_rule(random, base, distances);
    INFO("seed " << seed);
    for (NodeId node = 0; node < live.size(); ++node) {
      INFO("node " << node);
      REQUIRE(reachability.live(node) == live[node]);
      REQUIRE(reachability.distance(node) == distances[node]);
    }
  }
}

TEST_CASE("a chain of a million nodes is measured", "[graph][reachability]") {
  constexpr NodeId kCount = 1'000'000;
  test::EdgeLists successors(kCount);
  for (NodeId node = 0; node + 1 < kCount; ++node) successors[node] = {node + 1};
  const Reachability reachability = reachability_of(ObjectGraph(test::graph_parts(successors)));
  for (NodeId node = 0; node < kCount; ++node) REQUIRE(reachability.distance(node) == node);
  CHECK(reachability.live_count() == kCount);
}

TEST_CASE("distances about the ends of ranges", "[graph][reachability]") {
  constexpr std::array<DistanceTable::Range, 3> kRanges = {{{0, 10}, {1000, 20}, {5000, 1}}};
  constexpr std::array kDistances = {
      0U,    9U,    10U,   999U,  1000U,          1019U,
      1020U, 4999U, 5000U, 5001U, 4'000'000'000U, DistanceTable::kNone};
  DistanceTable table(kDistances.size() + 1, kRanges);
  for (NodeId node = 0; node < kDistances.size(); ++node) table.set(node, kDistances[node]);
  for (NodeId node = 0; node < kDistances.size(); ++node) CHECK(table[node] == kDistances[node]);
  CHECK(table[kDistances.size()] == DistanceTable::kNone);
  table.set(1, 4999);
  table.set(3, 5);
  CHECK(table[1] == 4999);
  CHECK(table[3] == 5);
}

TEST_CASE("parts that do not fit together are refused", "[graph]") {
  const auto refused = [](auto damage) {
    GraphParts parts = test::graph_parts({{1, 2}, {2}, {}});
    damage(parts);
    CHECK_THROWS_AS(ObjectGraph(std::move(parts)), Failure);
  };
  refused([](GraphParts& parts) { parts.targets[1] = 3; });
  refused([](GraphParts& parts) { parts.first_edge[1] = 4; });
  refused([](GraphParts& parts) { parts.first_edge[3] = 2; });
  refused([](GraphParts& parts) { parts.flags = FlatArray<uint8_t>(2, 0); });
  refused([](GraphParts& parts) { parts.flags = {}; });
  refused([](GraphParts& parts) { parts.ephemerons.push_back({0, 1, 3}); });
  refused([](GraphParts& parts) {
    parts.special_edges.push_back({3, 1, SpecialEdge::Kind::kNotMeasured});
  });
  refused([](GraphParts& parts) { parts.user_roots.push_back(kNoNode); });
}

}  // namespace
}  // namespace corewalk
