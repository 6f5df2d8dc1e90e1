// Constructor names and properties, on heaps written for every layout.

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/constructor_name.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;
using v8::TaggedWord;

std::string name_of(const v8::Heap& heap, Address object) {
  const auto map = v8::MapView::of_object(heap, object);
  REQUIRE(map);
  return v8::ConstructorNamer(heap).name(object, *map).text;
}

std::string name_of(HeapBuilder& build, Address object) {
  const FoundHeap heap(build);
  return name_of(*heap, object);
}

/// An object of a map without constructor, with one own property.
Address add_with_property(HeapBuilder& build, TaggedWord key, TaggedWord value,
                          TaggedWord prototype = 0) {
  const Address descriptors = build.add_descriptors({{.key = key, .field_index = 0}});
  const Address map = build.add_map(
      {.words = 4, .prototype = prototype, .descriptors = tag(descriptors), .own_descriptors = 1});
  return build.add_object(map, {0, 0, value});
}

TEST_CASE("an instance bears the name of its class", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point");
  CHECK(name_of(build, build.add_instance(point)) == "Point");
}

TEST_CASE("the constructor is found behind the maps a map was derived from", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point");
  Address map = point.map;
  for (int i = 0; i < 5; ++i) {
    map = build.add_map({.words = 3, .constructor = tag(map), .new_target_is_base = true});
  }
  CHECK(name_of(build, build.add_object(map, {})) == "Point");
}

TEST_CASE("without a constructor on the map, that of the prototype chain names the object",
          "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point");
  const auto derived = build.add_class("Derived", 0, tag(point.prototype));
  const Address of_point =
      build.add_object(build.add_map({.words = 3, .prototype = tag(point.prototype)}), {});
  const Address of_derived =
      build.add_object(build.add_map({.words = 3, .prototype = tag(derived.prototype)}), {});
  CHECK(name_of(build, of_point) == "Point");
  CHECK(name_of(build, of_derived) == "Derived");
}

TEST_CASE("a constructor of the object itself does not name it, its toStringTag does",
          "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point");
  const Address own = add_with_property(build, tag(build.name("constructor")), tag(point.function));
  const Address tagged =
      add_with_property(build, build.root("to_string_tag_symbol"), tag(build.add_string("Tagged")));
  const Address number =
      add_with_property(build, build.root("to_string_tag_symbol"), HeapBuilder::smi(1));
  CHECK(name_of(build, own) == "Object");
  CHECK(name_of(build, tagged) == "Tagged");
  CHECK(name_of(build, number) == "Object");
}

TEST_CASE("a tag far up the chain beats a nearer constructor only up to V8 9", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const Address far =
      add_with_property(build, build.root("to_string_tag_symbol"), tag(build.name("Far")));
  const auto near = build.add_class("Near", 0, tag(far));
  const Address object =
      build.add_object(build.add_map({.words = 3, .prototype = tag(near.prototype)}), {});
  const bool tag_first = build.layout().has(v8::Feature::kTagBeforeConstructor);
  CHECK(name_of(build, object) == (tag_first ? "Far" : "Near"));
}

TEST_CASE("an object without any name has that of its class", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto [type, name] = GENERATE(table<std::string, std::string>({
      {"JS_OBJECT", "Object"},
      {"JS_ARRAY", "Array"},
      {"JS_ARRAY_BUFFER", "ArrayBuffer"},
      {"JS_MAP", "Map"},
      {"JS_WEAK_SET", "WeakSet"},
      {"JS_ARRAY_ITERATOR", "Array Iterator"},
      {"JS_MAP_KEY_ITERATOR", "Map Iterator"},
      {"JS_PROXY", "Proxy"},
      {"JS_API_OBJECT", "Object"},
  }));
  CHECK(name_of(build, build.add_object(build.add_map({.type = type, .words = 8}), {})) == name);
}

TEST_CASE("a wrapped primitive is named by what it wraps", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const Address map = build.add_map({.type = "JS_PRIMITIVE_WRAPPER", .words = 4});
  const auto wrap = [&](TaggedWord value) {
    const Address wrapper = build.add_object(map, {});
    build.write(wrapper + build.layout().object.wrapper_value.offset(), value);
    return wrapper;
  };
  const Address number = wrap(HeapBuilder::smi(1));
  const Address string = wrap(tag(build.name("text")));
  const Address boolean = wrap(build.root("true_value"));
  CHECK(name_of(build, number) == "Number");
  CHECK(name_of(build, string) == "String");
  CHECK(name_of(build, boolean) == "Boolean");
}

TEST_CASE("a function without a name has the one that V8 inferred", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const v8::Layout& layout = build.layout();
  const Address shared = build.add_shared(tag(build.name("")));
  const Address data = build.add_object(
      build.add_map({.type = "UNCOMPILED_DATA_WITHOUT_PREPARSE_DATA", .words = 6}), {});
  build.write(data + layout.function.uncompiled_inferred_name.offset(), tag(build.name("later")));
  build.write(shared + layout.function.function_data.offset(), tag(data));
  const FoundHeap heap(build);
  CHECK(v8::ConstructorNamer(*heap).function_name(shared) == "later");
}

TEST_CASE("a function's name and inferred name stand behind its scope's locals", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const v8::Layout& layout = build.layout();
  const auto bit = [](const v8::BitRange& range, uint32_t value) {
    return (value & range.mask) << range.shift;
  };
  const bool has_name = GENERATE(true, false);
  const uint32_t flags = bit(layout.bits.scope_info_function_variable, has_name ? 1 : 0) |
                         bit(layout.bits.scope_info_inferred_name, 1);
  constexpr uint32_t kLocals = 2;
  const Address scope = build.allocate(16 * v8::kWordBytes);
  build.write(scope, tag(build.map_of("SCOPE_INFO")));
  build.write(scope + layout.container.scope_info_flags.offset(),
              layout.has(v8::Feature::kRawScopeInfoFlags)
                  ? uint64_t{flags}
                  : HeapBuilder::smi(static_cast<int32_t>(flags)));
  build.write(scope + layout.container.scope_info_locals_count.offset(), HeapBuilder::smi(kLocals));
  Address slot =
      scope + layout.container.scope_info_local_names.offset() + uint64_t{2} * kLocals * 8;
  if (has_name) {
    build.write(slot, tag(build.name("own")));
    slot = slot + 16;
  }
  build.write(slot, tag(build.name("inferred")));
  const Address shared = build.add_shared(tag(scope));
  const FoundHeap heap(build);
  CHECK(v8::ConstructorNamer(*heap).function_name(shared) == (has_name ? "own" : "inferred"));
}

TEST_CASE("the object a class has as its prototype is told from instances", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point");
  const Address instance = build.add_instance(point);
  const FoundHeap heap(build);
  const v8::ConstructorNamer namer(*heap);
  CHECK(namer.is_prototype(point.prototype, *v8::MapView::of_object(*heap, point.prototype)));
  CHECK_FALSE(namer.is_prototype(instance, *v8::MapView::of_object(*heap, instance)));
}

TEST_CASE("prototype chains and back pointers that run in circles end soon", "[v8][name]") {
  HeapBuilder build(test::each_layout());
  const Address map = build.add_map({.words = 3, .is_dictionary = true});
  const Address object = build.add_object(map, {});
  build.write(map + build.layout().map.prototype.offset(), tag(object));
  build.write(map + build.layout().map.constructor_or_back_pointer.offset(), tag(map));
  build.write(object + build.layout().object.properties_or_hash.offset(),
              tag(build.add_name_dictionary(std::vector<test::PropertySpec>(
                  100, {.key = tag(build.name("key")), .value = build.null()}))));
  const FoundHeap heap(build);
  for (int i = 0; i < 20; ++i) CHECK(name_of(*heap, object) == "Object");
}

TEST_CASE("properties are read from the object, its property array or its descriptors",
          "[v8][properties]") {
  HeapBuilder build(test::each_layout());
  const TaggedWord in_object = tag(build.name("in"));
  const TaggedWord outside = tag(build.name("out"));
  const TaggedWord constant = tag(build.name("const"));
  const TaggedWord getter = tag(build.name("getter"));
  const TaggedWord number = tag(build.name("double"));
  const Address descriptors = build.add_descriptors({
      {.key = in_object, .field_index = 0},
      {.key = outside, .field_index = 2},
      {.key = constant, .value = HeapBuilder::smi(3), .in_descriptor = true},
      {.key = getter, .value = build.null(), .is_accessor = true, .in_descriptor = true},
      {.key = number, .is_double = true, .field_index = 1},
  });
  const Address store = build.add_array({build.null(), HeapBuilder::smi(2)}, "PROPERTY_ARRAY");
  const Address object = build.add_object(
      build.add_map({.words = 4, .descriptors = tag(descriptors), .own_descriptors = 5}),
      {tag(store), 0, HeapBuilder::smi(1)});
  const FoundHeap heap(build);
  const v8::PropertyReader reader(*heap);
  const auto map = v8::MapView::of_object(*heap, object);
  REQUIRE(map);
  const auto value = [&](TaggedWord key) { return reader.own_property(object, *map, key); };
  CHECK(value(in_object).data == HeapBuilder::smi(1));
  CHECK(value(outside).data == HeapBuilder::smi(2));
  CHECK(value(constant).data == HeapBuilder::smi(3));
  CHECK(value(getter).exists);
  CHECK_FALSE(value(getter).data);
  CHECK(value(number).exists);
  CHECK_FALSE(value(number).data);
  CHECK_FALSE(value(tag(build.name("other"))).exists);
  CHECK(reader.own_data_properties(object, *map).size() == 3);
}

TEST_CASE("properties of an object in dictionary mode are those of its table", "[v8][properties]") {
  HeapBuilder build(test::each_layout());
  const TaggedWord key = tag(build.name("key"));
  const TaggedWord getter = tag(build.name("getter"));
  const Address table =
      build.add_name_dictionary({{.key = key, .value = HeapBuilder::smi(7)},
                                 {.key = HeapBuilder::smi(0)},  // stands for an entry that is free
                                 {.key = getter, .value = build.null(), .is_accessor = true}});
  const Address object =
      build.add_object(build.add_map({.words = 3, .is_dictionary = true}), {tag(table), 0});
  const int32_t length = GENERATE(0, 1, 0x7fffffff, -5);  // 0: as written
  if (length != 0) build.write(table + 8, HeapBuilder::smi(length));
  const FoundHeap heap(build);
  const v8::PropertyReader reader(*heap);
  const auto map = v8::MapView::of_object(*heap, object);
  REQUIRE(map);
  const auto found = reader.own_property(object, *map, key);
  if (length == 0) {
    CHECK(found.data == HeapBuilder::smi(7));
    CHECK(reader.own_property(object, *map, getter).exists);
    CHECK(reader.dictionary_size(object) == 3);
  }
  CHECK(reader.own_data_properties(object, *map).size() < 0x1000);  // a lying length ends
}

TEST_CASE("descriptors end where their array ends, whatever the map says", "[v8][properties]") {
  HeapBuilder build(test::each_layout());
  const Address descriptors =
      build.add_descriptors({{.key = tag(build.name("one")), .field_index = 0}});
  const Address map =
      build.add_map({.words = 4, .descriptors = tag(descriptors), .own_descriptors = 1000});
  build.add_object(map, {});
  const TaggedWord pointer =
      GENERATE_COPY(as<uint64_t>{}, tag(descriptors), 0x1111111111111111, 8, 0);
  build.write(map + build.layout().map.instance_descriptors.offset(), pointer);
  const FoundHeap heap(build);
  const auto view = v8::MapView::load(*heap, map);
  REQUIRE(view);
  CHECK(v8::PropertyReader(*heap).descriptors(*view).size() <= 1);
}

}  // namespace
}  // namespace corewalk
