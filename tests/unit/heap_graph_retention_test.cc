// What lives and what it retains, on heaps written for every layout.

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "heap_graph/class_census.h"
#include "support/catch.h"
#include "support/graphed_heap.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"

namespace corewalk {
namespace {

using test::GraphedHeap;
using test::HeapBuilder;
using test::root_of;
using v8::tag;
using v8::TaggedWord;

constexpr uint64_t kFirstElement = 16;

TEST_CASE("what no root leads to is dead, in circles too", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const Address kept = build.add_array({build.null()});
  const Address holder = build.add_array({tag(kept)});
  const Address dead = build.add_array({tag(kept)});
  const Address one = build.add_array({HeapBuilder::smi(0)});
  const Address two = build.add_array({tag(one)});
  build.write(one + kFirstElement, tag(two));
  GraphedHeap heap(build, {holder});
  CHECK(heap.live(holder));
  CHECK(heap.live(kept));
  CHECK_FALSE(heap.live(dead));
  CHECK_FALSE(heap.live(one));
  CHECK_FALSE(heap.live(two));
  CHECK(heap.retained(holder) == 2 * (kFirstElement + v8::kWordBytes));
}

TEST_CASE("a root that keeps nothing alive holds only what lives", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const Address kept = build.add_array({build.null()});
  const Address dead = build.add_array({build.null()});
  GraphRoots roots;
  roots.gc_roots = {root_of(kept), root_of(kept), root_of(dead)};
  roots.gc_roots[1].keeps_alive = false;
  roots.gc_roots[2].keeps_alive = false;
  roots.gc_roots.push_back(root_of(Address(0x1234560)));  // no object
  GraphedHeap heap(build, roots);
  CHECK(heap.live(kept));
  CHECK_FALSE(heap.live(dead));
}

/// A context that a program runs in: sizes and distances as people see them need one.
Address add_native_context(HeapBuilder& build, Address global) {
  constexpr size_t kSlots = 16;
  std::vector<TaggedWord> slots(kSlots, build.undefined());
  slots[2] = tag(global);  // Context::EXTENSION_INDEX
  return build.add_array(slots, "NATIVE_CONTEXT");
}

/// A WeakMap's table with these pairs.
Address add_table(HeapBuilder& build, const std::vector<std::pair<Address, Address>>& pairs) {
  std::vector<TaggedWord> words(3, HeapBuilder::smi(static_cast<int32_t>(pairs.size())));
  for (const auto& [key, value] : pairs) {
    words.push_back(tag(key));
    words.push_back(tag(value));
  }
  return build.add_array(words, "EPHEMERON_HASH_TABLE");
}

TEST_CASE("the value of a WeakMap lives as long as table and key", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto add = [&] { return build.add_array({build.null()}); };
  const Address live_key = add();
  const Address dead_key = add();
  const Address kept = add();
  const Address lost = add();
  const Address last = add();
  // The value of one pair is the key of another.
  const Address table = add_table(build, {{kept, last}, {live_key, kept}, {dead_key, lost}});
  const Address unheld = add();
  add_table(build, {{live_key, unheld}});
  GraphedHeap heap(build, {table, live_key});
  CHECK(heap.live(kept));
  CHECK(heap.live(last));
  CHECK_FALSE(heap.live(lost));
  CHECK_FALSE(heap.live(dead_key));
  CHECK_FALSE(heap.live(unheld));
}

TEST_CASE("a key that its own value holds is dead", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const Address key = build.add_array({build.null()});
  const Address value = build.add_array({tag(key)});
  const Address table = add_table(build, {{key, value}});
  GraphedHeap heap(build, {table});
  CHECK_FALSE(heap.live(key));
  CHECK_FALSE(heap.live(value));
}

TEST_CASE("what two hold, neither retains", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session", 2);
  const Address shared = build.add_instance(session);
  const Address own = build.add_instance(session);
  const Address left = build.add_instance(session, {tag(shared), tag(own)});
  const Address right = build.add_instance(session, {tag(shared)});
  const Address top = build.add_instance(session, {tag(left), tag(right)});
  GraphedHeap heap(build, {top, session.function, session.map});
  constexpr uint64_t kBytes = 5 * v8::kWordBytes;
  CHECK(heap.retained(shared) == kBytes);
  CHECK(heap.retained(left) == 2 * kBytes);
  CHECK(heap.retained(right) == kBytes);
  CHECK(heap.retained(top) == 5 * kBytes);
}

TEST_CASE("a store counts for the one object that holds it", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session");
  const Address alone = build.add_instance(session);
  const Address first = build.add_instance(session);
  const Address second = build.add_instance(session);
  const Address own = build.add_array({build.null()});
  const Address shared = build.add_array({build.null()});
  const uint64_t elements = build.layout().object.elements.offset();
  build.write(alone + elements, tag(own));
  build.write(first + elements, tag(shared));
  build.write(second + elements, tag(shared));
  const Address context = add_native_context(build, build.add_instance(session));
  GraphedHeap heap(build, {context, alone, first, second});
  constexpr uint64_t kObject = 3 * v8::kWordBytes;
  constexpr uint64_t kStore = kFirstElement + v8::kWordBytes;
  const SizeTable& shallow = heap.graph().shallow_bytes();
  CHECK(shallow[heap.node(alone)] == kObject + kStore);
  CHECK(shallow[heap.node(own)] == 0);
  CHECK(shallow[heap.node(first)] == kObject);
  CHECK(shallow[heap.node(shared)] == kStore);
}

TEST_CASE("the root retains all that lives, and nothing else", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  GraphedHeap heap(build, {sample.process, sample.point.map});
  RetentionGraph& graph = heap.graph();
  uint64_t self = 0;
  uint64_t shallow = 0;
  for (NodeId node = 0; node < graph.graph().node_count(); ++node) {
    if (!graph.live(node)) continue;
    self += heap.objects().self_bytes(node);
    shallow += graph.shallow_bytes()[node];
  }
  CHECK(self == shallow);
  CHECK(graph.retained_bytes(kRootNode) == self);
}

TEST_CASE("without references, all sizes and distances are the same", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  GraphedHeap heap(build, {sample.process, sample.point.map});
  GraphRoots roots;
  roots.gc_roots = {root_of(sample.process), root_of(sample.point.map)};
  NoProgress progress;
  const auto bare =
      RetentionGraph::build(heap.heap(), {}, roots, RetentionGraph::Kept::kSizes, progress);
  CHECK_FALSE(bare->objects().has_references());
  const NodeId count = heap.objects().node_count();
  REQUIRE(bare->objects().node_count() == count);
  for (NodeId node = 0; node < count; ++node) {
    INFO("node " << node);
    REQUIRE(bare->live(node) == heap.graph().live(node));
    REQUIRE(bare->retained_bytes(node) == heap.graph().retained_bytes(node));
    REQUIRE(bare->shallow_bytes()[node] == heap.graph().shallow_bytes()[node]);
    REQUIRE(bare->reachability().distance(node) == heap.graph().reachability().distance(node));
  }
}

const CensusRow* row_of(const Census& census, std::string_view name) {
  for (const CensusRow& row : census.rows) {
    if (row.name == name && row.kind == RowKind::kJavaScript) return &row;
  }
  return nullptr;
}

TEST_CASE("the live and the dead are all there is", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  const Address kept = build.add_instance(sample.point);
  GraphedHeap heap(build, {kept, sample.process});
  NoProgress progress;
  const auto count = [&](Liveness liveness) {
    return count_classes(heap.graph(), liveness, {}, progress);
  };
  const Census all = count(Liveness::kAny);
  const Census live = count(Liveness::kLive);
  const Census dead = count(Liveness::kDead);
  CHECK(live.object_count + dead.object_count == all.object_count);
  CHECK(live.object_bytes + dead.object_bytes == all.object_bytes);
  CHECK(all.object_count == heap.objects().index().size());
  REQUIRE(row_of(live, "Point"));
  CHECK(row_of(live, "Point")->count == 1);
  CHECK(row_of(live, "Point")->sample == Address(tag(kept)));
  CHECK(row_of(live, "Point")->retained_bytes >= uint64_t{5} * v8::kWordBytes);
  REQUIRE(row_of(dead, "Point"));
  CHECK(row_of(dead, "Point")->count == 6);
  CHECK_FALSE(row_of(dead, "Point")->retained_bytes.has_value());
  uint64_t dead_count = 0;
  const auto nodes = nodes_of_class(heap.graph(), "Point", {}, dead_count, progress);
  CHECK(nodes == std::vector<NodeId>{heap.node(kept)});
  CHECK(dead_count == 6);
}

TEST_CASE("what a class retains counts once", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 1);
  Address top = build.add_instance(link);
  constexpr uint64_t kCount = 10;
  for (uint64_t i = 1; i < kCount; ++i) top = build.add_instance(link, {tag(top)});
  GraphedHeap heap(build, {top, link.map, link.function});
  NoProgress progress;
  const Census live = count_classes(heap.graph(), Liveness::kLive, {}, progress);
  REQUIRE(row_of(live, "Link"));
  CHECK(row_of(live, "Link")->count == kCount);
  CHECK(row_of(live, "Link")->retained_bytes == kCount * 4 * v8::kWordBytes);
}

TEST_CASE("distances count from the global object of a context", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session", 1);
  const Address far = build.add_instance(session);
  const Address near = build.add_instance(session, {tag(far)});
  const Address other = build.add_instance(session);
  GraphedHeap heap(build, {add_native_context(build, near), other});
  const auto distance = [&](Address object) {
    return heap.graph().reachability().distance(heap.node(object));
  };
  const uint32_t first = build.layout().has(v8::Feature::kSnapshotContextRoots) ? 2 : 1;
  CHECK(distance(near) == first);
  CHECK(distance(far) == first + 1);
  CHECK(distance(other) >= Reachability::kSystemDistance);
}

TEST_CASE(
    "objects of the embedder hold their wrappers if they are roots, where a version has it so",
    "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const auto wrap = build.add_class("TCP");
  const Address held = build.add_instance(wrap);
  const Address loose = build.add_instance(wrap);
  GraphRoots roots;
  roots.embedder_objects = {
      {.wrapper = loose, .native = Address(0x5002000), .name = "TCPWrap", .is_root = false},
      {.wrapper = held, .native = Address(0x5001000), .name = "TCPWrap", .is_root = true},
      {.wrapper = Address(0x10), .native = Address(0x5003000), .name = "Gone", .is_root = true}};
  GraphedHeap heap(build, roots);
  const bool are_roots = build.layout().has(v8::Feature::kSnapshotEmbedderRoots);
  CHECK(heap.live(held) == are_roots);
  CHECK_FALSE(heap.live(loose));
  const HeapGraph& objects = heap.objects();
  REQUIRE(objects.embedder_objects().size() == 2);
  const NodeId native = objects.embedder_of(held);
  CHECK(native >= objects.first_embedder());
  CHECK(heap.graph().live(native) == are_roots);
  CHECK(objects.embedder_of(wrap.function) == kNoNode);
  CHECK_FALSE(heap.graph().live(objects.embedder_of(loose)));
}

TEST_CASE("constants of code are code where a version has it so", "[heap_graph][retention]") {
  HeapBuilder build(test::each_layout());
  const Address inner = build.add_array({build.null()});
  const Address pool = build.add_array({tag(inner), HeapBuilder::smi(1)});
  const Address bytecode = build.add_sized("BYTECODE_ARRAY", 8);
  const auto* place =
      v8::Layout::field(&build.layout().classes.at("BytecodeArray"), "constant_pool");
  REQUIRE(place != nullptr);
  build.write(bytecode + place->offset, tag(pool));
  GraphedHeap heap(build, {bytecode});
  CHECK(heap.name(pool) == "(constant pool)");
  CHECK(heap.name(inner) == "(constant pool)");
  const auto& types = build.layout().node_types;
  const bool knows_code = std::any_of(types.begin(), types.end(), [](const auto& entry) {
    return entry.second == v8::NodeType::kCode;
  });
  for (const Address array : {pool, inner}) {
    CHECK(heap.objects().type_of(heap.node(array)) ==
          (knows_code ? v8::NodeType::kCode : v8::NodeType::kArray));
  }
}

}  // namespace
}  // namespace corewalk
