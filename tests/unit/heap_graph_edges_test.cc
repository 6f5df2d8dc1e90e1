// The references of objects under the names that V8's heap snapshot has for them, on heaps written
// for every layout.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/graphed_heap.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"

namespace corewalk {
namespace {

using test::GraphedHeap;
using test::HeapBuilder;
using v8::tag;
using v8::TaggedWord;
using Labels = std::vector<std::string>;

constexpr uint8_t kObjectWords = 3;  // map, properties, elements
// objects/elements-kind.h; the numbers of sparse arrays differ, but are all above these.
constexpr uint32_t kHoleyElements = 3;
constexpr uint32_t kSparseElements = 12;

/// The Map says where elements are.
void set_elements_kind(HeapBuilder& build, Address map, uint32_t kind) {
  const v8::BitRange bits = build.layout().named_bits.at("Map.bit_field2.elements_kind");
  const Address byte = map + build.layout().map.bit_field2.offset();
  build.write(byte, static_cast<uint8_t>(build.read<uint8_t>(byte) | kind << bits.shift));
}

Address add_js_array(HeapBuilder& build, TaggedWord elements, int32_t length, uint32_t kind) {
  const Address map = build.add_map({.type = "JS_ARRAY", .words = kObjectWords + 1});
  set_elements_kind(build, map, kind);
  const Address array = build.add_object(map, {});
  build.write(array + build.layout().object.elements.offset(), elements);
  build.write(array + build.layout().object.array_length.offset(), HeapBuilder::smi(length));
  return array;
}

void write_field(HeapBuilder& build, Address object, std::string_view class_name,
                 std::string_view field, TaggedWord word) {
  const auto* place = v8::Layout::field(&build.layout().classes.at(std::string(class_name)), field);
  REQUIRE(place != nullptr);
  build.write(object + place->offset, word);
}

TEST_CASE("an object has its properties, its prototype and its map", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session", 2);
  const Address user = build.add_array({build.null()});
  const Address object = build.add_instance(session, {tag(user), HeapBuilder::smi(7)});
  GraphedHeap heap(build, {object});
  CHECK(heap.labels(object, user) == Labels{"property f0"});
  CHECK(heap.labels(object, session.prototype) == Labels{"property __proto__"});
  CHECK(heap.labels(object, session.map) == Labels{"internal map"});
  CHECK(heap.labels(session.prototype, session.function) == Labels{"property constructor"});
  CHECK(heap.labels(session.map, session.prototype) == Labels{"internal prototype"});
  CHECK(heap.labels(session.map, session.function) == Labels{"internal constructor"});
}

TEST_CASE("properties that do not fit an object are in its array", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address value = build.add_array({build.null()});
  const Address descriptors =
      build.add_descriptors({{.key = tag(build.name("inside")), .field_index = 0},
                             {.key = tag(build.name("outside")), .field_index = 2}});
  const Address object = build.add_object(
      build.add_map(
          {.words = kObjectWords + 1, .descriptors = tag(descriptors), .own_descriptors = 2}),
      {0, 0, tag(value)});
  const Address store = build.add_array({build.null(), tag(value)}, "PROPERTY_ARRAY");
  build.write(object + build.layout().object.properties_or_hash.offset(), tag(store));
  GraphedHeap heap(build, {object});
  CHECK(heap.labels(object, value) == Labels{"property inside", "property outside"});
  CHECK(heap.labels(object, store) == Labels{"internal properties"});
  CHECK(heap.labels(store, value).size() == 1);
}

TEST_CASE("properties in a dictionary are the object's", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address value = build.add_array({build.null()});
  const Address object =
      build.add_object(build.add_map({.words = kObjectWords, .is_dictionary = true}), {});
  const Address table =
      build.add_name_dictionary({{.key = tag(build.name("slow")), .value = tag(value)},
                                 {.key = build.undefined(), .value = tag(value)}});
  build.write(object + build.layout().object.properties_or_hash.offset(), tag(table));
  GraphedHeap heap(build, {object});
  CHECK(heap.labels(object, value) == Labels{"property slow"});
  CHECK(heap.labels(object, table) == Labels{"internal properties"});
}

TEST_CASE("elements end where the array does, and leave out holes", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address hole = build.add_object(build.map_of("ODDBALL"), {});
  build.set_root("the_hole_value", tag(hole));
  const Address value = build.add_array({build.null()});
  const Address store = build.add_array({tag(value), tag(hole), tag(value), tag(value)});
  const Address array = add_js_array(build, tag(store), 3, kHoleyElements);
  GraphedHeap heap(build, {array});
  CHECK(heap.labels(array, value) == Labels{"element 0", "element 2"});
  CHECK(heap.labels(array, hole).empty());
  CHECK(heap.labels(array, store) == Labels{"internal elements"});
  CHECK(heap.labels(store, value).size() == 3);
  CHECK(heap.name(store) == "(object elements)");
}

TEST_CASE("elements of a sparse array have the keys of its dictionary", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  if (!build.layout().type_number("NUMBER_DICTIONARY")) return;
  const Address value = build.add_array({build.null()});
  const v8::ContainerFields& fields = build.layout().container;
  std::vector<TaggedWord> words(
      (fields.number_dictionary_entries.offset() - fields.array_elements.offset()) /
      v8::kWordBytes);
  for (const TaggedWord word : {HeapBuilder::smi(70000), tag(value), HeapBuilder::smi(0),
                                build.undefined(), tag(value), HeapBuilder::smi(0)}) {
    words.push_back(word);
  }
  const Address store = build.add_array(words, "NUMBER_DICTIONARY");
  const Address array = add_js_array(build, tag(store), 70001, kSparseElements);
  GraphedHeap heap(build, {array});
  CHECK(heap.labels(array, value) == Labels{"element 70000"});
}

TEST_CASE("a WeakMap's table, key and value refer to each other as pairs", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address key = build.add_array({build.null()});
  const Address value = build.add_array({build.null(), build.null()});
  const Address table =
      build.add_array({HeapBuilder::smi(1), HeapBuilder::smi(0), HeapBuilder::smi(2), tag(key),
                       tag(value), build.undefined(), build.undefined()},
                      "EPHEMERON_HASH_TABLE");
  GraphedHeap heap(build, {table, key});
  CHECK(heap.labels(table, key) == Labels{"weak 3"});
  const bool by_key = build.layout().has(v8::Feature::kSnapshotKeysHoldValues);
  CHECK(heap.labels(table, value) ==
        (by_key ? Labels{"weak 4"} : Labels{"internal pair of table", "weak 4"}));
  CHECK(heap.labels(key, value) == Labels{"internal pair of key"});
  const auto pairs = heap.graph().graph().ephemerons();
  REQUIRE(pairs.size() == 1);
  CHECK(pairs.front().table == heap.node(table));
  CHECK(pairs.front().key == heap.node(key));
  CHECK(pairs.front().value == heap.node(value));
}

TEST_CASE("weak references are shown and hold nothing", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({build.null()});
  const Address list = build.add_array({HeapBuilder::smi(0), tag(target) | 2}, "WEAK_FIXED_ARRAY");
  const Address ref = build.add_object(
      build.add_map({.type = "JS_WEAK_REF", .words = kObjectWords + 1}), {0, 0, tag(target)});
  GraphedHeap heap(build, {list, ref});
  CHECK(heap.labels(list, target) == Labels{"weak 1"});
  CHECK_FALSE(heap.live(target));
  const Labels of_ref = heap.labels(ref, target);
  const bool is_hidden = build.layout().has(v8::Feature::kSnapshotHidesWeakRefs);
  CHECK(of_ref == Labels{is_hidden ? "hidden 1" : "weak target"});
}

TEST_CASE("a context has its scope, the one around it, and what it keeps", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address scope = build.add_array({build.null()});
  const Address outer = build.add_array({tag(scope)}, "FUNCTION_CONTEXT");
  const Address kept = build.add_array({build.null()});
  const Address context =
      build.add_array({tag(scope), tag(outer), build.undefined(), build.undefined(), tag(kept)},
                      "FUNCTION_CONTEXT");
  GraphedHeap heap(build, {context});
  CHECK(heap.labels(context, scope) == Labels{"internal scope_info"});
  CHECK(heap.labels(context, outer) == Labels{"internal previous"});
  REQUIRE(heap.labels(context, kept).size() == 1);
  CHECK(heap.labels(context, kept).front().starts_with("hidden "));
  CHECK(heap.name(context) == "system / Context");
}

TEST_CASE("a function has what it is made of", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address shared = build.add_shared(tag(build.name("work")));
  const Address function = build.add_function(shared);
  const Address context = build.add_array({build.null(), build.null()}, "FUNCTION_CONTEXT");
  write_field(build, function, "JSFunction", "context", tag(context));
  GraphedHeap heap(build, {function});
  CHECK(heap.labels(function, shared) == Labels{"internal shared"});
  CHECK(heap.labels(function, context) == Labels{"internal context"});
  CHECK(heap.name(function) == "work");
  CHECK(heap.name(shared) == "work");
}

TEST_CASE("strings refer to what they are made of", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const Address one = build.add_string("one and ");
  const Address two = build.add_string("two");
  const Address cons = build.add_cons(one, two, 11);
  const Address sliced = build.add_sliced(one, 0, 3);
  GraphedHeap heap(build, {cons, sliced});
  CHECK(heap.labels(cons, one) == Labels{"internal first"});
  CHECK(heap.labels(cons, two) == Labels{"internal second"});
  CHECK(heap.labels(sliced, one) == Labels{"internal parent"});
  CHECK(heap.name(one) == "one and ");
  CHECK(heap.name(cons) == "(concatenated string)");
  CHECK(heap.name(sliced) == "(sliced string)");
}

TEST_CASE("oddballs are targets of properties alone", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session", 1);
  const Address object = build.add_instance(session, {build.undefined()});
  const Address array = build.add_array({build.undefined()});
  GraphedHeap heap(build, {object, array});
  CHECK(heap.labels(object, v8::untag(build.undefined())) == Labels{"property f0"});
  CHECK(heap.labels(array, v8::untag(build.undefined())).empty());
}

TEST_CASE("memory outside of the heap is a node of its own", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  constexpr Address kOutside{0x300000000000};
  const auto add_buffer = [&] {
    const Address buffer =
        build.add_object(build.add_map({.type = "JS_ARRAY_BUFFER", .words = 12}), {});
    build.write(buffer + build.layout().buffer.byte_length.offset(), uint64_t{5000});
    build.write(buffer + build.layout().buffer.backing_store.offset(), kOutside.value());
    return buffer;
  };
  const Address first = add_buffer();
  const Address second = add_buffer();
  GraphedHeap heap(build, {first, second});
  const HeapGraph& objects = heap.objects();
  REQUIRE(objects.natives().size() == 1);
  const NodeId store = objects.native_of(kOutside.value());
  CHECK(store == objects.first_native());
  CHECK(objects.self_bytes(store) == 5000);
  CHECK(objects.type_of(store) == v8::NodeType::kNative);
  CHECK(objects.native_of(1) == kNoNode);
  for (const Address buffer : {first, second}) {
    const std::vector<NodeId> held = heap.successors(heap.node(buffer));
    CHECK(std::count(held.begin(), held.end(), store) == 1);
  }
}

TEST_CASE("what is listed of an object is what the graph has of it", "[heap_graph][edges]") {
  HeapBuilder build(test::each_layout());
  const test::SampleHeap sample = test::add_sample_objects(build);
  GraphedHeap heap(build, {sample.process, sample.point.function});
  EdgeLister lister(heap.objects());
  const size_t nodes = heap.graph().graph().node_count();
  for (NodeId node = 0; node < nodes; ++node) {
    std::vector<NodeId> listed;
    for (const NodeEdge& edge : lister.edges(node)) {
      REQUIRE(edge.target < nodes);
      if (edge.type != EdgeKind::kWeak && edge.table == kNoNode) listed.push_back(edge.target);
    }
    std::sort(listed.begin(), listed.end());
    CHECK(listed == heap.successors(node));
  }
}

}  // namespace
}  // namespace corewalk
