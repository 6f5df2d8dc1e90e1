// Ways from a node up to the roots, on graphs written as text, and on random ones against all ways
// that there are.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "graph/merged_paths.h"
#include "graph/predecessors.h"
#include "graph/reachability.h"
#include "graph/shortest_paths.h"
#include "support/catch.h"
#include "support/random_graph.h"
#include "support/text_graph.h"

namespace corewalk {
namespace {

using test::RandomGraph;
using test::TextGraph;

struct Searched {
  explicit Searched(const ObjectGraph& graph)
      : reachability(std::move(*Reachability::find(graph, progress))),
        predecessors(std::move(*Predecessors::build(graph, reachability, progress))),
        paths{graph, reachability, predecessors} {}

  NoProgress progress;
  Reachability reachability;
  Predecessors predecessors;
  PathGraph paths;
};

/// "c b a, c a": the ways from a node.
std::string paths_of(const TextGraph& graph, const char* node, size_t limit) {
  Searched searched(*graph);
  std::string text;
  for (const NodePath& path :
       find_shortest_paths(searched.paths, graph.node(node), limit, searched.progress)) {
    text += text.empty() ? "" : ",";
    for (const NodeId step : path) text += (step == path.front() ? "" : " ") + graph.name(step);
  }
  return text;
}

TEST_CASE("a way over a guess is only taken where there is no other", "[graph][paths]") {
  const TextGraph graph(
      "root -> handles stack\nhandles -> h\nh -> x\nx -> y\nstack ?> y z\nz -> w y");
  CHECK(paths_of(graph, "y", 2) == "y x h handles root");
  CHECK(paths_of(graph, "z", 2) == "z stack root");
  CHECK(paths_of(graph, "w", 2) == "w z stack root");
}

TEST_CASE("live holders of a node", "[graph][paths]") {
  const TextGraph graph(
      "root -> a b table key\na -> b b\nb ~> a\ntable & key -> a\nother & key -> b\ndead -> b");
  Searched searched(*graph);
  const auto holders = [&](const char* node) {
    std::vector<std::string> names;
    for (const NodeId holder : searched.predecessors.of(graph.node(node))) {
      names.push_back(graph.name(holder));
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  CHECK(holders("a") == std::vector<std::string>{"b", "key", "root", "table"});
  CHECK(holders("b") == std::vector<std::string>{"a", "a", "root"});
  CHECK(holders("root").empty());
}

TEST_CASE("shortest ways come first", "[graph][paths]") {
  const TextGraph graph("root => g\nroot -> roots\nroots -> c\ng -> a b\na -> b\nb -> c\nc -> a");
  CHECK(paths_of(graph, "c", 10) == "c b g,c b a g,c roots root");
  CHECK(paths_of(graph, "c", 1) == "c b g");
  CHECK(paths_of(graph, "g", 3) == "g");
  CHECK(paths_of(TextGraph("root -> a\ndead -> a"), "dead", 3).empty());
  CHECK(paths_of(TextGraph("root -> a\na -> b a\nb -> a b"), "b", 3) == "b a root");
}

/// All ways up from a node on which none comes twice.
void add_all_paths(const Searched& searched, NodePath& way, std::vector<size_t>& lengths) {
  const NodeId node = way.back();
  if (searched.paths.at_top(node)) {
    const bool to_user = node != kRootNode || searched.reachability.distance(node) == 0;
    lengths.push_back(way.size() + (to_user ? 0 : Reachability::kSystemDistance));
    return;
  }
  const auto holders = searched.predecessors.of(node);
  std::vector<NodeId> distinct(holders.begin(), holders.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (const NodeId holder : distinct) {
    if (std::find(way.begin(), way.end(), holder) != way.end()) continue;
    way.push_back(holder);
    add_all_paths(searched, way, lengths);
    way.pop_back();
  }
}

TEST_CASE("the shortest ways in random graphs", "[graph][paths]") {
  constexpr size_t kLimit = 7;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    RandomGraph random(seed);
    random.special_edges.clear();
    random.ephemerons.clear();
    for (auto& targets : random.successors) std::erase(targets, kRootNode);
    const ObjectGraph graph = random.build();
    Searched searched(graph);
    for (NodeId node = 0; node < graph.node_count(); ++node) {
      if (!searched.reachability.live(node)) continue;
      std::vector<size_t> expected;
      NodePath way{node};
      add_all_paths(searched, way, expected);
      std::sort(expected.begin(), expected.end());
      expected.resize(std::min(expected.size(), kLimit));
      auto paths = find_shortest_paths(searched.paths, node, kLimit, searched.progress);
      std::vector<size_t> lengths;
      for (const NodePath& path : paths) {
        const bool to_user =
            path.back() != kRootNode || searched.reachability.distance(kRootNode) == 0;
        lengths.push_back(path.size() + (to_user ? 0 : Reachability::kSystemDistance));
      }
      INFO("seed " << seed << " node " << node);
      REQUIRE(lengths == expected);
      std::sort(paths.begin(), paths.end());
      REQUIRE(std::adjacent_find(paths.begin(), paths.end()) == paths.end());
    }
  }
}

TEST_CASE("the way up a long list ends", "[graph][paths]") {
  constexpr NodeId kCount = 300'000;
  test::EdgeLists successors(kCount);
  for (NodeId node = 0; node + 1 < kCount; ++node) successors[node] = {node + 1};
  for (NodeId node = 2; node < kCount; ++node) successors[node].push_back(node - 1);
  const ObjectGraph graph(test::graph_parts(successors));
  Searched searched(graph);
  const auto paths = find_shortest_paths(searched.paths, kCount - 1, 3, searched.progress);
  REQUIRE(paths.size() == 1);
  CHECK(paths[0].size() == kCount);
}

TEST_CASE("ways that look the same are merged", "[graph][paths]") {
  const TextGraph graph(
      "root => g\nroot -> roots\ng -> map other\nmap -> e1 e2\ne1 -> s1\ne2 -> s2\n"
      "other -> s3\nroots -> t4\ns5 -> s1");
  Searched searched(*graph);
  SizeTable sizes(graph->node_count());
  std::vector<NodeId> nodes;
  for (const char* name : {"s1", "s2", "s3", "t4", "s5"}) {
    nodes.push_back(graph.node(name));
    sizes.set(nodes.back(), nodes.size());
  }
  // Nodes look the same if their names begin alike.
  const auto key = [&](NodeId, NodeId held) { return uint64_t(graph.name(held)[0]); };
  const auto merged = MergedPaths::merge(searched.paths, nodes, sizes, key, searched.progress);
  REQUIRE(merged.has_value());
  std::string text;
  for (const MergedPaths::Place& place : merged->places()) {
    text += std::string(1, place.held == kNoNode ? '*' : graph.name(place.held)[0]) + ":" +
            std::to_string(place.count) + "/" + std::to_string(place.bytes) + "<" +
            std::to_string(place.above) + " ";
  }
  CHECK(text ==
        "*:4/10<0 g:3/6<0 m:2/3<1 e:2/3<2 s:2/3<3 o:1/3<1 s:1/3<5 r:1/4<0 r:1/4<7 t:1/4<8 ");
  CHECK(merged->without_path() == 1);
}

}  // namespace
}  // namespace corewalk
