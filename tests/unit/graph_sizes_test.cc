// Retained and shallow sizes and class totals, on graphs written as text, and on random ones
// against what is alive when a node is left out.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "graph/class_totals.h"
#include "graph/dominator_tree.h"
#include "graph/reachability.h"
#include "graph/retained_sizes.h"
#include "graph/shallow_sizes.h"
#include "support/catch.h"
#include "support/random_graph.h"
#include "support/text_graph.h"

namespace corewalk {
namespace {

using test::RandomGraph;
using test::TextGraph;

/// A graph with all that is computed from it; each node has the size 1 << (its number % 32).
struct Sized {
  explicit Sized(const ObjectGraph& graph)
      : reachability(std::move(*Reachability::find(graph, progress))),
        tree(std::move(*DominatorTree::build(graph, reachability, progress))),
        sizes(graph.node_count()) {
    for (NodeId node = 0; node < graph.node_count(); ++node) sizes.set(node, 1U << node % 32);
  }

  NoProgress progress;
  Reachability reachability;
  DominatorTree tree;
  SizeTable sizes;
};

/// Sizes about the largest that a cell has room for.
template <class Table>
void check_large_sizes(uint64_t limit) {
  Table sizes(3);
  CHECK(sizes[0] == 0);
  sizes.set(0, limit - 1);
  CHECK(sizes[0] == limit - 1);
  sizes.add(0, 1);
  CHECK(sizes[0] == limit);
  sizes.set(0, 5);
  CHECK(sizes[0] == 5);
  sizes.set(1, limit - 2);
  sizes.add(1, 3);
  CHECK(sizes[1] == limit + 1);
  sizes.set(1, 3 * limit);
  sizes.add(1, 1);
  CHECK(sizes[1] == 3 * limit + 1);
  sizes.add(2, limit);
  CHECK(sizes[2] == limit);
}

TEST_CASE("sizes that a cell has no room for", "[graph][sizes]") {
  check_large_sizes<SizeTable>(uint64_t{1} << 16);
  check_large_sizes<SumTable>(uint64_t{1} << 32);
}

TEST_CASE("a node retains what it dominates", "[graph][sizes]") {
  const TextGraph graph("root -> a b\na -> c d\nb -> d\nc -> e\ndead -> a");
  const Sized sized(*graph);
  const RetainedSizes retained(sized.tree, sized.sizes);
  const auto size = [&](const char* name) { return uint64_t{1} << graph.node(name); };
  CHECK(retained[graph.node("a")] == size("a") + size("c") + size("e"));
  CHECK(retained[graph.node("b")] == size("b"));
  CHECK(retained[graph.node("dead")] == 0);
  CHECK(retained[kRootNode] == 1 + size("a") + size("b") + size("c") + size("d") + size("e"));
}

TEST_CASE("retained sizes of random graphs", "[graph][sizes]") {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const RandomGraph random(seed, /*plain=*/true);
    const Sized sized(random.build());
    const RetainedSizes retained(sized.tree, sized.sizes);
    const auto count = static_cast<NodeId>(random.successors.size());
    for (NodeId node = 1; node < count; ++node) {
      if (!sized.tree.contains(node)) continue;
      RandomGraph without = random;
      without.successors[node].clear();
      for (auto& targets : without.successors) std::erase(targets, node);
      const Sized rest(without.build());
      uint64_t lost = 0;
      for (NodeId other = 0; other < count; ++other) {
        if (sized.reachability.live(other) && !rest.reachability.live(other)) {
          lost += sized.sizes[other];
        }
      }
      INFO("seed " << seed << " node " << node);
      REQUIRE(retained[node] == lost);
    }
  }
}

std::map<std::string, uint64_t> sizes_after_move(const TextGraph& graph) {
  Sized sized(*graph);
  for (NodeId node = 0; node < graph->node_count(); ++node) sized.sizes.set(node, 1);
  REQUIRE(move_sizes_to_owners(*graph, sized.reachability, sized.sizes, sized.progress));
  std::map<std::string, uint64_t> sizes;
  for (NodeId node = 0; node < graph->node_count(); ++node) {
    sizes[graph.name(node)] = sized.sizes[node];
  }
  return sizes;
}

TEST_CASE("the size of what one node owns counts there", "[graph][sizes]") {
  auto sizes = sizes_after_move(
      TextGraph("root => g\ng -> a b\na -> elements shared\nb -> shared\nelements -> inner\n"
                "shared -> below\ndead -> elements\nownable elements inner shared below"));
  CHECK(sizes["a"] == 3);
  CHECK(sizes["elements"] == 0);
  CHECK(sizes["inner"] == 0);
  CHECK(sizes["shared"] == 1);
  CHECK(sizes["below"] == 1);
  CHECK(sizes["b"] == 1);
}

TEST_CASE("nothing goes to the root or to a synthetic node", "[graph][sizes]") {
  auto sizes = sizes_after_move(TextGraph(
      "root => g\nroot -> x roots\nroots -> y\ng -> roots\nownable x y\nsynthetic roots"));
  CHECK(sizes["x"] == 1);
  CHECK(sizes["y"] == 1);
  sizes = sizes_after_move(TextGraph("root -> a\na -> x\nownable x"));
  CHECK(sizes["x"] == 1);  // no user roots
}

TEST_CASE("owners in random graphs", "[graph][sizes]") {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    const RandomGraph random(seed);
    const ObjectGraph graph = random.build();
    if (graph.user_roots().empty()) continue;
    Sized sized(graph);
    const auto count = static_cast<NodeId>(graph.node_count());
    // All owners of each node, by rule.
    std::vector<std::vector<bool>> owners(count, std::vector<bool>(count));
    const auto pass = [&](NodeId from, NodeId to) {
      if (!sized.reachability.live(from) || !graph.ownable(to)) return;
      for (NodeId node = 0; node < count; ++node) {
        if (owners[from][node]) owners[to][node] = true;
      }
    };
    for (NodeId node = 0; node < count; ++node) owners[node][node] = !graph.ownable(node);
    for (auto before = owners; true; before = owners) {
      for (NodeId node = 0; node < count; ++node) {
        for (const NodeId target : random.successors[node]) pass(node, target);
      }
      for (const SpecialEdge& edge : random.special_edges) pass(edge.from, edge.to);
      for (const Ephemeron& one : random.ephemerons) {
        if (!sized.reachability.live(one.key) || !sized.reachability.live(one.table)) continue;
        pass(one.key, one.value);
        pass(one.table, one.value);
      }
      if (before == owners) break;
    }
    std::vector<uint64_t> expected(count);
    for (NodeId node = 0; node < count; ++node) {
      NodeId owner = node;
      if (graph.ownable(node) && std::count(owners[node].begin(), owners[node].end(), true) == 1) {
        owner = static_cast<NodeId>(std::find(owners[node].begin(), owners[node].end(), true) -
                                    owners[node].begin());
      }
      if (owner == kRootNode || graph.synthetic(owner)) owner = node;
      expected[owner] += sized.sizes[node];
    }
    REQUIRE(move_sizes_to_owners(graph, sized.reachability, sized.sizes, sized.progress));
    INFO("seed " << seed);
    for (NodeId node = 0; node < count; ++node) REQUIRE(sized.sizes[node] == expected[node]);
  }
}

TEST_CASE("totals of a class", "[graph][sizes]") {
  const TextGraph graph("root => g\ng -> a1 b1\na1 -> a2 b2\nb1 -> a3\ndead -> a1");
  const Sized sized(*graph);
  const RetainedSizes retained(sized.tree, sized.sizes);
  std::vector<uint32_t> class_of;
  for (const std::string& name : graph.names()) {
    class_of.push_back(name[0] == 'a' ? 0 : name[0] == 'b' ? 1 : kNoClass);
  }
  const auto totals =
      sum_classes(sized.tree, sized.reachability, sized.sizes, retained, class_of, 2);
  const auto size = [&](const char* name) { return uint64_t{1} << graph.node(name); };
  CHECK(totals[0].count == 3);
  CHECK(totals[0].shallow_bytes == size("a1") + size("a2") + size("a3"));
  CHECK(totals[0].retained_bytes == size("a1") + size("a2") + size("b2") + size("a3"));
  CHECK(totals[0].distance == 2);
  CHECK(totals[1].count == 2);
  CHECK(totals[1].retained_bytes == size("b1") + size("a3") + size("b2"));
}

TEST_CASE("class totals of random graphs", "[graph][sizes]") {
  constexpr uint32_t kClasses = 3;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const ObjectGraph graph = RandomGraph(seed).build();
    Sized sized(graph);
    const RetainedSizes retained(sized.tree, sized.sizes);
    const auto count = static_cast<NodeId>(graph.node_count());
    std::vector<uint32_t> class_of(count);
    std::vector<uint64_t> expected(kClasses);
    for (NodeId node = 0; node < count; ++node) class_of[node] = (node + seed) * 7 % 5 % kClasses;
    for (NodeId node = 0; node < count; ++node) {
      bool topmost = sized.tree.contains(node);
      for (NodeId above = topmost ? sized.tree.dominator(node) : kNoNode; above != kNoNode;
           above = sized.tree.dominator(above)) {
        if (class_of[above] == class_of[node]) topmost = false;
      }
      if (topmost) expected[class_of[node]] += retained[node];
    }
    const auto totals =
        sum_classes(sized.tree, sized.reachability, sized.sizes, retained, class_of, kClasses);
    INFO("seed " << seed);
    for (uint32_t i = 0; i < kClasses; ++i) REQUIRE(totals[i].retained_bytes == expected[i]);
  }
}

}  // namespace
}  // namespace corewalk
