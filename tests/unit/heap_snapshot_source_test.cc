// The graph as a heap snapshot is written from it, on heaps written for every layout.

#include "session/heap_snapshot_source.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "session/snapshot_pages.h"
#include "support/catch.h"
#include "support/graphed_heap.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"

namespace corewalk {
namespace {

using test::GraphedHeap;
using test::HeapBuilder;
using v8::tag;

/// All that a source says.
struct Read {
  explicit Read(GraphedHeap& heap)
      : source(heap.objects(), heap.graph().reachability(),
               SnapshotIds(snapshot_pages(heap.heap())), progress),
        strings({}),
        counts(source.counts()),
        nodes(counts.nodes) {
    // In pieces, as the writer does.
    constexpr uint32_t kPiece = 100;
    const auto for_pieces = [&](const auto& body) {
      for (uint32_t first = 0; first < counts.nodes; first += kPiece) {
        body(first, std::min(kPiece, counts.nodes - first));
      }
    };
    for_pieces([&](uint32_t first, uint32_t count) {
      source.read_nodes(first, std::span(nodes).subspan(first, count), strings);
    });
    for_pieces(
        [&](uint32_t first, uint32_t count) { source.read_edges(first, count, strings, edges); });
    for_pieces(
        [&](uint32_t first, uint32_t count) { source.read_locations(first, count, locations); });
  }

  [[nodiscard]] std::string name(const SnapshotNode& node) const {
    return std::string(strings.at(node.name));
  }
  /// The edges from one node to another, by name.
  [[nodiscard]] std::vector<std::string> names_between(SnapshotOrdinal from,
                                                       SnapshotOrdinal to) const {
    uint64_t first = 0;
    for (SnapshotOrdinal i = 0; i < from; ++i) first += nodes[i].edge_count;
    std::vector<std::string> names;
    for (uint64_t i = first; i < first + nodes[from].edge_count; ++i) {
      if (edges[i].to != to || has_index(edges[i].type)) continue;
      names.emplace_back(strings.at(edges[i].name_or_index));
    }
    return names;
  }

  NoProgress progress;
  HeapSnapshotSource source;
  SnapshotStrings strings;
  SnapshotCounts counts;
  std::vector<SnapshotNode> nodes;
  std::vector<SnapshotEdge> edges;
  std::vector<SnapshotLocation> locations;
};

TEST_CASE("a snapshot's parts agree with each other", "[session][snapshot]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  GraphedHeap heap(build, {sample.process, sample.point.function});
  const Read read(heap);
  uint64_t edges = 0;
  std::set<uint32_t> ids;
  for (const SnapshotNode& node : read.nodes) {
    edges += node.edge_count;
    ids.insert(node.id);
  }
  CHECK(edges == read.counts.edges);
  CHECK(read.edges.size() == read.counts.edges);
  CHECK(ids.size() == read.nodes.size());
  CHECK(std::all_of(read.edges.begin(), read.edges.end(),
                    [&](const SnapshotEdge& edge) { return edge.to < read.counts.nodes; }));
  CHECK(std::all_of(read.locations.begin(), read.locations.end(),
                    [&](const auto& location) { return location.node < read.counts.nodes; }));
  CHECK(read.name(read.nodes[0]).empty());
  CHECK(read.name(read.nodes[1]) == "(GC roots)");
  CHECK(read.nodes[1].type == SnapshotNodeType::kSynthetic);
}

TEST_CASE("a snapshot has what lives, and each kind of root", "[session][snapshot]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session");
  const Address live = build.add_instance(session);
  const Address dead = build.add_instance(session);
  GraphedHeap heap(build, {live});
  const Read read(heap);
  const auto& nodes = read.source.nodes();
  CHECK(std::count(nodes.begin(), nodes.end(), heap.node(live)) == 1);
  CHECK(std::count(nodes.begin(), nodes.end(), heap.node(dead)) == 0);
  for (NodeId node = 0; node < heap.objects().first_object(); ++node) CHECK(nodes[node] == node);
  const SnapshotNode& node = read.nodes[read.source.ordinal_of(heap.node(live))];
  CHECK(read.name(node) == "Session");
  CHECK(node.type == SnapshotNodeType::kObject);
  CHECK(node.self_size == 3 * v8::kWordBytes);
}

TEST_CASE("the id of a node leads back to its object", "[session][snapshot]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  GraphedHeap heap(build, {sample.process});
  const Read read(heap);
  const SnapshotIds ids(snapshot_pages(heap.heap()));
  for (SnapshotOrdinal i = 0; i < read.counts.nodes; ++i) {
    const NodeId node = read.source.nodes()[i];
    if (!heap.objects().is_object(node)) continue;
    const auto place = ids.find(read.nodes[i].id);
    REQUIRE(place);
    CHECK(place->cell.contains(heap.objects().address_of(node)));
  }
}

TEST_CASE("a pair of a WeakMap is called as V8 calls it", "[session][snapshot]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session");
  const Address key = build.add_instance(session);
  const Address value = build.add_instance(session);
  const Address table = build.add_array(
      {HeapBuilder::smi(1), HeapBuilder::smi(0), HeapBuilder::smi(1), tag(key), tag(value)},
      "EPHEMERON_HASH_TABLE");
  GraphedHeap heap(build, {table, key});
  const Read read(heap);
  const auto ordinal = [&](Address object) { return read.source.ordinal_of(heap.node(object)); };
  const auto by_key = read.names_between(ordinal(key), ordinal(value));
  REQUIRE(by_key.size() == 1);
  if (build.layout().has(v8::Feature::kSnapshotKeysHoldValues)) {
    CHECK(by_key.front().ends_with(" / key Session in WeakMap"));
    return;
  }
  CHECK(by_key.front().find(" / part of key (Session @") != std::string::npos);
  CHECK(by_key.front().find(") -> value (Session @") != std::string::npos);
  CHECK(by_key.front().find(") pair in WeakMap (table @") != std::string::npos);
  const auto by_table = read.names_between(ordinal(table), ordinal(value));
  CHECK(std::any_of(by_table.begin(), by_table.end(), [](const std::string& name) {
    return name.find("pair in WeakMap (table @") != std::string::npos;
  }));
}

}  // namespace
}  // namespace corewalk
