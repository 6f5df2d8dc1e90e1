// The graph of heaps that mean harm, on heaps written for every layout: it is made in good time,
// and nothing outside of the pages is read.

#include <limits>
#include <vector>

#include "session/heap_snapshot_source.h"
#include "session/snapshot_pages.h"
#include "support/catch.h"
#include "support/graphed_heap.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::GraphedHeap;
using test::HeapBuilder;
using test::PageId;
using v8::tag;
using v8::TaggedWord;

constexpr uint8_t kObjectWords = 3;  // map, properties, elements
constexpr uint64_t kFirstElement = 16;
constexpr uint32_t kHoleyElements = 3;

/// Builds the graph, and reads all edges and names.
size_t read_all(HeapBuilder& build, const std::vector<Address>& held) {
  GraphedHeap heap(build, held);
  NoProgress progress;
  HeapSnapshotSource source(heap.objects(), heap.graph().reachability(),
                            SnapshotIds(snapshot_pages(heap.heap())), progress);
  SnapshotStrings strings({});
  const SnapshotCounts counts = source.counts();
  std::vector<SnapshotNode> nodes(counts.nodes);
  source.read_nodes(0, nodes, strings);
  std::vector<SnapshotEdge> edges;
  source.read_edges(0, counts.nodes, strings, edges);
  std::vector<SnapshotLocation> locations;
  source.read_locations(0, counts.nodes, locations);
  CHECK(edges.size() == counts.edges);
  return edges.size();
}

Address add_object_map(HeapBuilder& build, std::string_view type, uint8_t words) {
  const Address map = build.add_map({.type = type, .words = words});
  const v8::BitRange bits = build.layout().named_bits.at("Map.bit_field2.elements_kind");
  const Address byte = map + build.layout().map.bit_field2.offset();
  build.write(byte, static_cast<uint8_t>(build.read<uint8_t>(byte) | kHoleyElements << bits.shift));
  return map;
}

TEST_CASE("lengths that lie do not lead off the page", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const v8::ObjectFields& fields = build.layout().object;
  const Address store = build.add_array({build.null()});
  const Address map = add_object_map(build, "JS_ARRAY", kObjectWords + 1);
  std::vector<Address> held;
  for (const int32_t length : {-1, std::numeric_limits<int32_t>::max(), 2}) {
    const Address array = build.add_object(map, {});
    build.write(array + fields.elements.offset(), tag(store));
    build.write(array + fields.array_length.offset(), HeapBuilder::smi(length));
    held.push_back(array);
  }
  const Address array = build.add_object(map, {});
  const Address wild = build.add_array({build.null()});
  build.write(wild + v8::kWordBytes, HeapBuilder::smi(std::numeric_limits<int32_t>::max()));
  build.write(array + fields.elements.offset(), tag(wild));
  held.push_back(array);
  CHECK(read_all(build, held) != 0);
}

TEST_CASE("objects that share a store may be many", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const Address map = add_object_map(build, "JS_OBJECT", kObjectWords);
  const Address value = build.add_array({});
  const Address store = build.add_array(std::vector<TaggedWord>(500, tag(value)));
  std::vector<Address> held;
  for (int i = 0; i < 200; ++i) {
    held.push_back(build.add_object(map, {0, tag(store)}));
    if (build.area(build.first_page()).end() - build.top(build.first_page()) < 0x100) break;
  }
  CHECK(read_all(build, held) >= held.size() * 500);
}

TEST_CASE("what refers to itself is read once", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const Address map = add_object_map(build, "JS_OBJECT", kObjectWords);
  const Address object = build.add_object(map, {});
  build.write(object + build.layout().object.elements.offset(), tag(object));
  build.write(object + build.layout().object.properties_or_hash.offset(), tag(object));
  const Address array = build.add_array({HeapBuilder::smi(0), HeapBuilder::smi(0)});
  build.write(array + kFirstElement, tag(array));
  build.write(array + kFirstElement + 8, tag(array));
  const Address table =
      build.add_array({HeapBuilder::smi(1), HeapBuilder::smi(0), HeapBuilder::smi(1),
                       HeapBuilder::smi(0), HeapBuilder::smi(0)},
                      "EPHEMERON_HASH_TABLE");
  build.write(table + kFirstElement + 24, tag(table));
  build.write(table + kFirstElement + 32, tag(table));
  CHECK(read_all(build, {object, array, table}) != 0);
}

TEST_CASE("maps in a circle end", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const v8::MapFields& fields = build.layout().map;
  const auto one = build.add_class("One", 1);
  const auto two = build.add_class("Two", 1);
  for (const auto& [from, to] : {std::pair(one, two), std::pair(two, one)}) {
    build.write(from.map + fields.constructor_or_back_pointer.offset(), tag(to.map));
    build.write(from.map + fields.prototype.offset(), tag(to.prototype));
    build.write(from.prototype, tag(to.map));
    build.write(from.map + fields.instance_descriptors.offset(), tag(from.map));
  }
  CHECK(read_all(build, {build.add_instance(one), build.add_instance(two)}) != 0);
}

TEST_CASE("constants of code that hold themselves end", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  constexpr size_t kConstants = 60;
  const Address pool = build.add_array(std::vector<TaggedWord>(kConstants, build.null()));
  for (size_t i = 0; i < kConstants; ++i) {
    build.write(pool + kFirstElement + i * v8::kWordBytes, tag(pool));
  }
  const Address bytecode = build.add_sized("BYTECODE_ARRAY", 8);
  const auto* place =
      v8::Layout::field(&build.layout().classes.at("BytecodeArray"), "constant_pool");
  REQUIRE(place != nullptr);
  build.write(bytecode + place->offset, tag(pool));
  CHECK(read_all(build, {bytecode}) >= kConstants);
}

TEST_CASE("backing stores may say any size", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const Address map = build.add_map({.type = "JS_ARRAY_BUFFER", .words = 12});
  std::vector<Address> held;
  for (const uint64_t bytes : {~uint64_t{0}, ~uint64_t{0} - 1, uint64_t{0}}) {
    const Address buffer = build.add_object(map, {});
    build.write(buffer + build.layout().buffer.byte_length.offset(), bytes);
    build.write(buffer + build.layout().buffer.backing_store.offset(), 0x10000 + bytes);
    held.push_back(buffer);
  }
  CHECK(read_all(build, held) != 0);
}

TEST_CASE("words of any kind are no reason to fail", "[heap_graph][damage]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  const AddressRange area = build.area(build.first_page());
  const std::vector<TaggedWord> nasty = {0,
                                         1,
                                         2,
                                         3,
                                         ~uint64_t{0},
                                         tag(area.begin()),
                                         tag(area.end()),
                                         tag(area.end() - 8),
                                         tag(area.begin() + 4),
                                         uint64_t{1} << 63};
  const Address top = build.top(build.first_page());
  size_t next = 0;
  for (Address at = area.begin() + 8; at < top; at = at + 13 * v8::kWordBytes) {
    build.write(at, nasty[next++ % nasty.size()]);
  }
  (void)read_all(build, {sample.process, sample.point.map, sample.point.function});
}

}  // namespace
}  // namespace corewalk
