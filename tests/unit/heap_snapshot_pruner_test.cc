#include <algorithm>
#include <numeric>
#include <random>

#include "report/snapshot_pruner.h"
#include "support/catch.h"
#include "support/list_snapshot.h"

namespace corewalk {
namespace {

using test::ListSnapshot;
using test::ListSource;

/// What the root reaches without going through `avoided`.
std::vector<bool> reached(const ListSnapshot& snapshot, SnapshotOrdinal avoided) {
  std::vector<bool> seen(snapshot.nodes.size());
  std::vector<SnapshotOrdinal> todo;
  if (avoided != 0) todo.push_back(0);
  while (!todo.empty()) {
    const SnapshotOrdinal node = todo.back();
    todo.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    for (const auto& edge : snapshot.nodes[node].edges) {
      if (edge.holds && edge.to != avoided) todo.push_back(edge.to);
    }
  }
  return seen;
}

/// Dominators and retained sizes by trying what goes away with each node.
struct Facts {
  std::vector<SnapshotOrdinal> idom;
  std::vector<uint64_t> retained_bytes;
  std::vector<uint64_t> self_bytes;
  std::vector<SnapshotOrdinal> always_kept;

  explicit Facts(const ListSnapshot& snapshot)
      : idom(snapshot.nodes.size()), retained_bytes(idom.size()), self_bytes(idom.size()) {
    std::vector<std::vector<bool>> left;
    for (SnapshotOrdinal node = 0; node < idom.size(); ++node) {
      left.push_back(reached(snapshot, node));
      self_bytes[node] = snapshot.nodes[node].self_size;
    }
    const std::vector<bool> all = reached(snapshot, kNobody);
    const auto dominates = [&](SnapshotOrdinal a, SnapshotOrdinal b) {
      return all[b] && !left[a][b];
    };
    for (SnapshotOrdinal node = 0; node < idom.size(); ++node) {
      for (SnapshotOrdinal other = 0; other < idom.size(); ++other) {
        if (dominates(node, other)) retained_bytes[node] += self_bytes[other];
        // The lowest of the dominators is the one that the others dominate.
        if (other != node && dominates(other, node) && dominates(idom[node], other)) {
          idom[node] = other;
        }
      }
    }
  }

  [[nodiscard]] PruneFacts view() const {
    return {.idom = idom,
            .retained_bytes = retained_bytes,
            .self_bytes = self_bytes,
            .groups = {},
            .always_kept = always_kept};
  }

  static constexpr SnapshotOrdinal kNobody = 0xffffffff;
};

/// Nodes named and identified by their number; all can be reached.
ListSnapshot graph(const std::vector<std::vector<SnapshotOrdinal>>& edges,
                   const std::vector<uint64_t>& sizes) {
  ListSnapshot snapshot;
  for (size_t i = 0; i < edges.size(); ++i) {
    auto& node = snapshot.nodes.emplace_back();
    node.name = "n" + std::to_string(i);
    node.id = static_cast<uint32_t>(2 * i + 1);
    node.self_size = sizes[i];
    for (const SnapshotOrdinal to : edges[i]) node.edges.push_back({.name = "e", .to = to});
  }
  return snapshot;
}

ListSnapshot prune(const ListSnapshot& snapshot, const Facts& facts, uint64_t threshold) {
  ListSource source(snapshot);
  NoProgress progress;
  SnapshotPruner pruner(source, {facts.view(), threshold}, {}, progress);
  ListSnapshot pruned = test::read_snapshot(pruner);
  CHECK(pruner.counts().nodes == pruner.kept_nodes() + pruner.folds());
  CHECK(pruner.folded_objects() == snapshot.nodes.size() - pruner.kept_nodes());
  CHECK(pruner.counts().edges ==
        std::accumulate(pruned.nodes.begin(), pruned.nodes.end(), uint64_t{0},
                        [](uint64_t sum, const auto& node) { return sum + node.edges.size(); }));
  return pruned;
}

bool is_fold(const ListSnapshot::Node& node) { return node.name.starts_with("(folded"); }

TEST_CASE("what is small is folded below what holds it", "[snapshot]") {
  // 0 -> 1 (large) -> 2, 3, 4; 3 -> 5 -> 6 (large).
  ListSnapshot snapshot = graph({{1}, {2, 3, 4}, {}, {5}, {}, {6}, {}}, {0, 100, 1, 2, 3, 4, 1000});
  snapshot.locations = {};
  const Facts facts(snapshot);
  CHECK(facts.idom == std::vector<SnapshotOrdinal>{0, 0, 1, 1, 1, 3, 5});
  const ListSnapshot pruned = prune(snapshot, facts, 100);
  // 3 and 5 retain 6.
  REQUIRE(pruned.nodes.size() == 6);
  CHECK(pruned.nodes[1].name == "n1");
  CHECK(pruned.nodes[2].name == "n3");
  CHECK(pruned.nodes[3].name == "n5");
  CHECK(pruned.nodes[4].name == "n6");
  const ListSnapshot::Node& fold = pruned.nodes[5];
  CHECK(fold.name == "(folded: 2 objects)");
  CHECK(fold.type == SnapshotNodeType::kNative);
  CHECK(fold.self_size == 4);
  CHECK(fold.id == 5);
  CHECK(fold.edges.empty());
  // One edge to it in place of two, under the first one's name.
  REQUIRE(pruned.nodes[1].edges.size() == 2);
  CHECK(pruned.nodes[1].edges[0].to == 5);
  CHECK(pruned.nodes[1].edges[0].name == "e");
  CHECK(pruned.nodes[1].edges[1].to == 2);
}

TEST_CASE("a fold holds what was held from inside of it", "[snapshot]") {
  // The large 3 is held by the small 1 and 2 together.
  const ListSnapshot snapshot = graph({{1, 2}, {3}, {3}, {}}, {0, 1, 1, 100});
  const ListSnapshot pruned = prune(snapshot, Facts(snapshot), 50);
  REQUIRE(pruned.nodes.size() == 3);
  REQUIRE(is_fold(pruned.nodes[2]));
  REQUIRE(pruned.nodes[2].edges.size() == 1);
  CHECK(pruned.nodes[2].edges[0].to == 1);
  CHECK(pruned.nodes[2].edges[0].name == "folded");
}

TEST_CASE("roots stay however small they are, and groups apart", "[snapshot]") {
  const ListSnapshot snapshot = graph({{1, 2, 3, 4}, {}, {}, {}, {}}, {0, 1, 1, 1, 1});
  Facts facts(snapshot);
  facts.always_kept = {1};
  const std::vector<uint8_t> groups = {0, 0, 1, 0, 1};
  PruneFacts view = facts.view();
  view.groups = groups;
  ListSource source(snapshot);
  NoProgress progress;
  SnapshotPruner pruner(source, {view, 50}, {}, progress);
  CHECK(pruner.kept_nodes() == 2);
  REQUIRE(pruner.folds() == 2);
  const ListSnapshot pruned = test::read_snapshot(pruner);
  CHECK(pruned.nodes[2].name == "(folded: 2 objects)");
  CHECK(pruned.nodes[2].id == 5);
  CHECK(pruned.nodes[3].name == "(folded: 1 object)");
  CHECK(pruned.nodes[3].id == 7);
}

TEST_CASE("weak edges go with what was folded", "[snapshot]") {
  ListSnapshot snapshot = graph({{1, 2}, {}, {}, {}}, {0, 100, 1, 1});
  snapshot.nodes[2].edges.push_back({.name = "e", .to = 3});
  snapshot.nodes[1].edges.push_back(
      {.type = SnapshotEdgeType::kWeak, .name = "w", .to = 2, .holds = false});
  snapshot.nodes[2].edges.push_back(
      {.type = SnapshotEdgeType::kWeak, .name = "w", .to = 1, .holds = false});
  const ListSnapshot pruned = prune(snapshot, Facts(snapshot), 50);
  REQUIRE(pruned.nodes.size() == 3);
  CHECK(pruned.nodes[1].edges.empty());
  CHECK(pruned.nodes[2].edges.empty());
}

TEST_CASE("locations go where their nodes went", "[snapshot]") {
  ListSnapshot snapshot = graph({{1}, {}}, {0, 100});
  snapshot.locations = {{.node = 0, .script_id = 7, .line = 1, .column = 2}};
  const ListSnapshot pruned = prune(snapshot, Facts(snapshot), 50);
  REQUIRE(pruned.locations.size() == 1);
  CHECK(pruned.locations[0].script_id == 7);
}

/// A graph of up to 24 nodes all of which can be reached, with some weak edges.
ListSnapshot random_graph(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  const uint32_t count = 2 + below(23);
  std::vector<std::vector<SnapshotOrdinal>> edges(count);
  std::vector<uint64_t> sizes;
  for (uint32_t node = 0; node < count; ++node) {
    sizes.push_back(below(4) == 0 ? 40 + below(60) : below(10));
    if (node != 0) edges[below(node)].push_back(node);
  }
  for (uint32_t i = below(2 * count); i != 0; --i) edges[below(count)].push_back(below(count));
  ListSnapshot snapshot = graph(edges, sizes);
  for (uint32_t i = below(count); i != 0; --i) {
    snapshot.nodes[below(count)].edges.push_back(
        {.type = SnapshotEdgeType::kWeak, .name = "w", .to = below(count), .holds = false});
  }
  return snapshot;
}

TEST_CASE("pruning changes no retained size of what stays", "[snapshot]") {
  std::mt19937 random(20);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same graphs each time
  for (int round = 0; round < 2000; ++round) {
    const ListSnapshot snapshot = random_graph(random);
    const Facts before(snapshot);
    const uint64_t threshold = random() % 120;
    const ListSnapshot pruned = prune(snapshot, before, threshold);
    const Facts after(pruned);
    REQUIRE(after.retained_bytes[0] == before.retained_bytes[0]);
    for (size_t i = 0; i < pruned.nodes.size(); ++i) {
      const ListSnapshot::Node& node = pruned.nodes[i];
      const size_t original = (node.id - 1) / 2;
      if (is_fold(node)) {
        REQUIRE(after.retained_bytes[i] >= node.self_size);
        REQUIRE(before.retained_bytes[original] < threshold);
      } else {
        REQUIRE(after.retained_bytes[i] == before.retained_bytes[original]);
        REQUIRE((i == 0 || before.retained_bytes[original] >= threshold));
      }
    }
  }
}

}  // namespace
}  // namespace corewalk
