// Values as inspect reads them, above all those of heaps that mean harm.

#include <algorithm>
#include <limits>

#include "commands/value_text.h"
#include "inspect/brief.h"
#include "inspect/date_text.h"
#include "inspect/value_reader.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;
using v8::TaggedWord;

constexpr uint8_t kObjectWords = 3;  // map, properties, elements

Value read(const FoundHeap& heap, Address object, const InspectOptions& options = {}) {
  return ValueReader(*heap).read(tag(object), options);
}

const Section* section_of(const Value& value, SectionKind kind) {
  const auto found = std::find_if(value.sections.begin(), value.sections.end(),
                                  [&](const Section& section) { return section.kind == kind; });
  return found == value.sections.end() ? nullptr : &*found;
}

Address add_js_array(HeapBuilder& build, TaggedWord elements, int32_t length) {
  const Address array =
      build.add_object(build.add_map({.type = "JS_ARRAY", .words = kObjectWords + 1}), {});
  build.write(array + build.layout().object.elements.offset(), elements);
  build.write(array + build.layout().object.array_length.offset(), HeapBuilder::smi(length));
  return array;
}

TEST_CASE("numbers print as JavaScript prints them", "[inspect]") {
  CHECK(number_text(0.0) == "0");
  CHECK(number_text(-0.0) == "-0");
  CHECK(number_text(123.456) == "123.456");
  CHECK(number_text(-2.25) == "-2.25");
  CHECK(number_text(1e21) == "1e+21");
  CHECK(number_text(123456789012345680000.0) == "123456789012345680000");
  CHECK(number_text(1.5e-7) == "1.5e-7");
  CHECK(number_text(0.000001) == "0.000001");
  CHECK(number_text(5e-324) == "5e-324");
  CHECK(number_text(1.7976931348623157e308) == "1.7976931348623157e+308");
  CHECK(number_text(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-Infinity");
}

TEST_CASE("times print as toISOString prints them", "[inspect]") {
  CHECK(iso_time(946684800000) == "2000-01-01T00:00:00.000Z");
  CHECK(iso_time(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(iso_time(8.64e15) == "+275760-09-13T00:00:00.000Z");
  CHECK(iso_time(-8.64e15) == "-271821-04-20T00:00:00.000Z");
  CHECK(iso_time(8.64e15 + 1) == "Invalid Date");
  CHECK(iso_time(std::numeric_limits<double>::quiet_NaN()) == "Invalid Date");
}

TEST_CASE("an instance shows its properties", "[inspect]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point", 2);
  const Address object =
      build.add_instance(point, {HeapBuilder::smi(3), tag(build.add_string("text"))});
  const FoundHeap heap(build);
  const Value value = read(heap, object);
  CHECK(value.text == "<Object: Point>");
  const Section* properties = section_of(value, SectionKind::kProperties);
  REQUIRE(properties != nullptr);
  REQUIRE(properties->members.size() == 2);
  CHECK(properties->members[0].value.text == "<Smi: 3>");
  CHECK(properties->members[1].value.text == "<String: \"text\">");
  CHECK(value_text(value).ends_with("}>"));
}

TEST_CASE("an array shows its elements up to its length", "[inspect]") {
  HeapBuilder build(test::each_layout());
  const TaggedWord hole = tag(build.name("any object may be the hole"));
  build.set_root("the_hole_value", hole);
  const TaggedWord store =
      tag(build.add_array({HeapBuilder::smi(1), hole, HeapBuilder::smi(3), HeapBuilder::smi(4)}));
  const Address array = add_js_array(build, store, 3);
  const FoundHeap heap(build);
  const Value value = read(heap, array);
  CHECK(value.text == "<Array: length=3>");
  const Section* elements = section_of(value, SectionKind::kElements);
  REQUIRE(elements != nullptr);
  REQUIRE(elements->members.size() == 2);
  CHECK(elements->members[0].name == "0");
  CHECK(elements->members[1].name == "2");
}

TEST_CASE("what is no object says so", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address array = build.add_array({build.null()});
  const FoundHeap heap(build);
  CHECK(read(heap, Address(0x1000)).kind == ValueKind::kUnreadable);
  CHECK(read(heap, array + v8::kWordBytes).kind == ValueKind::kUnreadable);
}

TEST_CASE("a map that is its own map, descriptors and prototype is no trap", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address map = build.add_map({.words = kObjectWords});
  const Address object = build.add_object(map, {});
  build.write(map, tag(map));
  build.write(map + build.layout().map.prototype.offset(), tag(map));
  build.write(map + build.layout().map.instance_descriptors.offset(), tag(map));
  const FoundHeap heap(build);
  CHECK_NOTHROW(value_text(read(heap, object, {.depth = 4, .map = true, .fields = true})));
  CHECK_NOTHROW(value_text(read(heap, map, {.depth = 4})));
}

TEST_CASE("a prototype chain may run in a circle", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address first_map = build.add_map({.words = kObjectWords});
  const Address second_map = build.add_map({.words = kObjectWords});
  const Address first = build.add_object(first_map, {});
  const Address second = build.add_object(second_map, {});
  build.write(first_map + build.layout().map.prototype.offset(), tag(second));
  build.write(second_map + build.layout().map.prototype.offset(), tag(first));
  const FoundHeap heap(build);
  CHECK(read(heap, first, {.depth = 3}).text == "<Object: Object>");
}

TEST_CASE("a length beyond the store shows what is there", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address array = add_js_array(build, tag(build.add_array({HeapBuilder::smi(1)})),
                                     std::numeric_limits<int32_t>::max());
  const FoundHeap heap(build);
  const Value value = read(heap, array, {.array_length = 0});
  const Section* elements = section_of(value, SectionKind::kElements);
  REQUIRE(elements != nullptr);
  CHECK(elements->members.size() == 1);
}

TEST_CASE("an array of itself ends at the depth asked for, or at the bound", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  constexpr size_t kWide = 40;
  const Address store = build.add_array(std::vector<TaggedWord>(kWide, build.null()));
  const Address array = add_js_array(build, tag(store), static_cast<int32_t>(kWide));
  const uint64_t first = build.layout().container.array_elements.offset();
  for (size_t i = 0; i < kWide; ++i) build.write(store + first + i * v8::kWordBytes, tag(array));
  const FoundHeap heap(build);
  const Value value = read(heap, array, {.depth = 2});
  const Section* elements = section_of(value, SectionKind::kElements);
  REQUIRE(elements != nullptr);
  CHECK(elements->members.size() == InspectOptions{}.array_length);
  CHECK(elements->total == kWide);
  REQUIRE(section_of(elements->members[0].value, SectionKind::kElements) != nullptr);
}

TEST_CASE("a string that is part of itself stays within the limit", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address flat = build.add_string("ab");
  const Address cons = build.add_cons(flat, flat, 1'000'000);
  build.write(cons + build.layout().string.cons_first.offset(), tag(cons));
  build.write(cons + build.layout().string.cons_second.offset(), tag(cons));
  const FoundHeap heap(build);
  const Value value = read(heap, cons, {.string_length = 100});
  CHECK(value.kind == ValueKind::kString);
  CHECK(value.text.size() < 1000);
}

TEST_CASE("control characters of the target never reach the terminal", "[inspect][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address text = build.add_string("\x1b[31mred\x07");
  const FoundHeap heap(build);
  const std::string line = value_text(read(heap, text));
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('\x07') == std::string::npos);
}

}  // namespace
}  // namespace corewalk
