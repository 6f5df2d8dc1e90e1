// Dominators on graphs written as text, and on random ones against what is found by leaving out
// each node in turn.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "graph/dominator_tree.h"
#include "support/catch.h"
#include "support/random_graph.h"
#include "support/text_graph.h"

namespace corewalk {
namespace {

using test::RandomGraph;
using test::TextGraph;

DominatorTree dominators_of(const ObjectGraph& graph) {
  NoProgress progress;
  const auto reachability = Reachability::find(graph, progress);
  auto tree = DominatorTree::build(graph, *reachability, progress);
  REQUIRE(tree.has_value());
  return std::move(*tree);
}

/// "a:root b:a ..." for all nodes but the root.
std::string dominators_of(const TextGraph& graph) {
  const DominatorTree tree = dominators_of(*graph);
  std::string text;
  for (NodeId node = 1; node < graph->node_count(); ++node) {
    text += (text.empty() ? "" : " ") + graph.name(node) + ":" + graph.name(tree.dominator(node));
  }
  return text;
}

TEST_CASE("a node that all ways go through dominates", "[graph][dominators]") {
  CHECK(dominators_of(TextGraph("root -> a\na -> b c\nb -> d\nc -> d\nd -> e")) ==
        "a:root b:a c:a d:a e:d");
  CHECK(dominators_of(TextGraph("root -> a b\na -> c\nb -> c\nc -> a")) == "a:root b:root c:root");
  CHECK(dominators_of(TextGraph("root -> a\na -> a b b\nb -> a")) == "a:root b:a");
}

TEST_CASE("the example of Lengauer and Tarjan", "[graph][dominators]") {
  const TextGraph graph(
      "root -> a b c\na -> d\nb -> a d e\nc -> f g\nd -> l\ne -> h\nf -> i\ng -> i j\n"
      "h -> e k\ni -> k\nj -> i\nk -> i root\nl -> h");
  CHECK(dominators_of(graph) ==
        "a:root b:root c:root d:root e:root f:c g:c l:d h:root i:root j:g k:root");
}

TEST_CASE("what is dead is in no tree", "[graph][dominators]") {
  const TextGraph graph("root -> a\na -> b\ndead -> b other\nother -> dead");
  CHECK(dominators_of(graph) == "a:root b:a dead:- other:-");
  const DominatorTree tree = dominators_of(*graph);
  CHECK(tree.size() == 3);
  CHECK_FALSE(tree.contains(graph.node("dead")));
  CHECK(tree.children(graph.node("dead")).empty());
}

TEST_CASE("the value of an ephemeron belongs to its key", "[graph][dominators]") {
  CHECK(dominators_of(TextGraph("root -> table key\ntable & key -> value\nvalue -> more")) ==
        "table:root key:root value:key more:value");
  CHECK(dominators_of(TextGraph("root -> key\ntable & key -> value\nkey -> a\na -> b\nb -> c")) ==
        "key:root table:- value:- a:key b:a c:b");
}

TEST_CASE("what user roots reach is not dominated by what holds it too", "[graph][dominators]") {
  CHECK(
      dominators_of(TextGraph("root => global\nroot -> roots\nroots -> a\nglobal -> b\nb -> a")) ==
      "global:root roots:root a:b b:global");
  // Its only holder that counts is not of the user: it hangs on the root.
  CHECK(dominators_of(TextGraph("root => global\nroot -> key\nglobal -> table\n"
                                "table & key -> value\nvalue -> more")) ==
        "global:root key:root table:global value:root more:value");
}

TEST_CASE("an edge that does not dominate", "[graph][dominators]") {
  CHECK(dominators_of(TextGraph("root -> a\na -> b\nb -> c\na ~> c")) == "a:root b:a c:b");
  CHECK(dominators_of(TextGraph("root -> a\na -> b\nb -> c\na !> c")) == "a:root b:a c:a");
}

TEST_CASE("a guess counts for what nothing else holds", "[graph][dominators]") {
  CHECK(dominators_of(
            TextGraph("root -> handles stack\nhandles -> a\na -> b\nstack ?> b c\nc -> b d\n"
                      "d -> c a")) == "handles:root stack:root a:handles b:a c:stack d:c");
  CHECK(dominators_of(TextGraph("root => global\nroot -> stack\nstack ?> a global\na -> global b\n"
                                "global -> e\nb -> e")) ==
        "global:root stack:root a:stack b:a e:global");
}

TEST_CASE("an edge that was added", "[graph][dominators]") {
  // root -> 1 -> 2 6; 2 -> 3 4; 3 -> 5; 4 -> 7; 7 -> 5; then 6 -> 7
  ObjectGraph graph(test::graph_parts({{1}, {2, 6}, {3, 4}, {5}, {7}, {}, {}, {5}}));
  NoProgress progress;
  const auto reachability = Reachability::find(graph, progress);
  CHECK(DominatorTree::build(graph, *reachability, progress)->dominator(5) == 2);
  graph.add_special_edges({{6, 7, SpecialEdge::Kind::kNotMeasured}});
  CHECK(DominatorTree::build(graph, *reachability, progress)->dominator(5) == 1);
}

TEST_CASE("edges out of long branches", "[graph][dominators]") {
  // A chain down, and from each of its nodes edges to what hangs on the others.
  constexpr NodeId kLength = 200;
  test::EdgeLists successors(1 + 2 * kLength);
  successors[0] = {1};
  for (NodeId i = 1; i <= kLength; ++i) {
    if (i < kLength) successors[i].push_back(i + 1);
    successors[i].push_back(kLength + 1 + i * 7 % kLength);
    successors[i].push_back(kLength + 1 + i * 3 % kLength);
  }
  const ObjectGraph graph(test::graph_parts(successors));
  const DominatorTree tree = dominators_of(graph);
  for (NodeId i = 1; i <= kLength; ++i) {
    for (const NodeId target : {kLength + 1 + i * 7 % kLength, kLength + 1 + i * 3 % kLength}) {
      // The higher of its two holders: the lower one is further down the chain.
      NodeId highest = kLength;
      for (NodeId holder = kLength; holder > 0; --holder) {
        const auto& targets = successors[holder];
        if (std::find(targets.begin(), targets.end(), target) != targets.end()) highest = holder;
      }
      REQUIRE(tree.dominator(target) == highest);
    }
  }
}

TEST_CASE("positions in the tree", "[graph][dominators]") {
  const TextGraph graph("root -> a b\na -> c d\nd -> e");
  const DominatorTree tree = dominators_of(*graph);
  const auto node = [&](const char* name) { return graph.node(name); };
  CHECK(tree.dominates(kRootNode, node("e")));
  CHECK(tree.dominates(node("a"), node("e")));
  CHECK(tree.dominates(node("a"), node("a")));
  CHECK_FALSE(tree.dominates(node("c"), node("e")));
  CHECK_FALSE(tree.dominates(node("e"), node("d")));
  std::vector<std::string> children;
  for (const NodeId child : tree.children(node("a"))) children.push_back(graph.name(child));
  CHECK(children == std::vector<std::string>{"c", "d"});
  CHECK(tree.children(node("e")).empty());
  CHECK(tree.node_at(0) == kRootNode);
  CHECK(tree.end_of(0) == tree.size());
}

/// Which nodes are reached over the edges that count, without going through `left_out`.
std::vector<bool> reached_without(const RandomGraph& graph, const Reachability& reachability,
                                  const std::vector<NodeId>& orphans, NodeId left_out) {
  std::vector<bool> reached(graph.successors.size());
  std::vector<NodeId> pending;
  const auto reach = [&](NodeId node) {
    if (node == left_out || reached[node]) return;
    reached[node] = true;
    pending.push_back(node);
  };
  reach(kRootNode);
  if (left_out != kRootNode) {
    for (const NodeId orphan : orphans) reach(orphan);
  }
  while (!pending.empty()) {
    const NodeId node = pending.back();
    pending.pop_back();
    const auto follow = [&](NodeId target) {
      const bool owned = reachability.user_owned(node) || !reachability.user_owned(target);
      const bool sure = !reachability.guessed(node) || reachability.guessed(target);
      if (node == kRootNode || (owned && sure)) reach(target);
    };
    for (const NodeId target : graph.successors[node]) follow(target);
    for (const SpecialEdge& edge : graph.special_edges) {
      const bool dominates = edge.kind == SpecialEdge::Kind::kGuess
                                 ? reachability.guessed(edge.to)
                                 : edge.kind != SpecialEdge::Kind::kNotDominating;
      if (edge.from == node && dominates) follow(edge.to);
    }
    for (const Ephemeron& one : graph.ephemerons) {
      if (one.key == node && reachability.live(one.table)) follow(one.value);
    }
  }
  return reached;
}

TEST_CASE("dominators of random graphs", "[graph][dominators]") {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    const RandomGraph random(seed, seed % 4 == 0, seed % 4 == 1);
    const ObjectGraph graph = random.build();
    NoProgress progress;
    const auto reachability = Reachability::find(graph, progress);
    const auto tree = DominatorTree::build(graph, *reachability, progress);
    const auto count = static_cast<NodeId>(graph.node_count());
    // Orphans are few in a random graph, and which of them hang on the root is not what is tested.
    std::vector<NodeId> orphans;
    const auto held = reached_without(random, *reachability, {}, kNoNode);
    for (NodeId node = 0; node < count; ++node) {
      if (reachability->live(node) && !held[node] && tree->dominator(node) == kRootNode) {
        orphans.push_back(node);
      }
    }
    INFO("seed " << seed);
    for (NodeId above = 0; above < count; ++above) {
      const auto reached = reached_without(random, *reachability, orphans, above);
      for (NodeId below = 0; below < count; ++below) {
        REQUIRE(tree->contains(below) == reachability->live(below));
        if (!tree->contains(above) || !tree->contains(below)) continue;
        REQUIRE(tree->dominates(above, below) == !reached[below]);
      }
    }
  }
}

TEST_CASE("a chain of a million nodes", "[graph][dominators]") {
  constexpr NodeId kCount = 1'000'000;
  test::EdgeLists successors(kCount);
  for (NodeId node = 0; node + 1 < kCount; ++node) successors[node] = {node + 1};
  for (NodeId node = 2; node < kCount; node += 3) successors[node].push_back(node - 1);
  const ObjectGraph graph(test::graph_parts(successors));
  const DominatorTree tree = dominators_of(graph);
  CHECK(tree.dominator(kCount - 1) == kCount - 2);
  CHECK(tree.dominates(1, kCount - 1));
}

}  // namespace
}  // namespace corewalk
