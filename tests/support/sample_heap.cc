#include "support/sample_heap.h"

#include <utility>

namespace corewalk::test {

using v8::tag;
using v8::TaggedWord;

namespace {

constexpr Address kOffHeap{0x300000000000};
constexpr uint8_t kObjectWords = 3;  // map, properties, elements

TaggedWord text(HeapBuilder& build, std::string_view value) { return tag(build.name(value)); }

/// A plain object with in-object properties, made by no constructor.
Address add_record(HeapBuilder& build,
                   const std::vector<std::pair<std::string_view, TaggedWord>>& properties,
                   const MapSpec& like = {}) {
  std::vector<PropertySpec> specs;
  specs.reserve(properties.size());
  for (const auto& [key, value] : properties) {
    specs.push_back({.key = text(build, key), .field_index = static_cast<uint32_t>(specs.size())});
  }
  MapSpec map = like;
  map.words = static_cast<uint8_t>(kObjectWords + properties.size());
  map.descriptors = tag(build.add_descriptors(specs));
  map.own_descriptors = static_cast<uint32_t>(properties.size());
  const Address object = build.add_object(build.add_map(map), {});
  Address field = object + kObjectWords * v8::kWordBytes;
  for (const auto& [key, value] : properties) {
    build.write(field, value);
    field = field + v8::kWordBytes;
  }
  return object;
}

Address add_js_array(HeapBuilder& build, const std::vector<TaggedWord>& elements) {
  const Address array =
      build.add_object(build.add_map({.type = "JS_ARRAY", .words = kObjectWords + 1}), {});
  const v8::ObjectFields& fields = build.layout().object;
  build.write(array + fields.elements.offset(), tag(build.add_array(elements)));
  build.write(array + fields.array_length.offset(),
              HeapBuilder::smi(static_cast<int32_t>(elements.size())));
  return array;
}

void add_strings(HeapBuilder& build) {
  const Address flat = build.add_string("a flat string");
  build.add_wide_string(u"wide \u00e9\u4e2d\xd83d\xde00");
  const Address cons = build.add_cons(flat, build.add_string(" and more"), 22);
  build.add_cons(cons, flat, 35);
  build.add_sliced(flat, 2, 4);
  build.add_thin(build.name("internal"), 8);
  build.add_external_string(kOffHeap, kSampleExternalUnits);
}

void add_containers(HeapBuilder& build) {
  add_js_array(build, {build.null(), HeapBuilder::smi(1)});
  const v8::Layout& layout = build.layout();
  const Address map_object =
      build.add_object(build.add_map({.type = "JS_MAP", .words = kObjectWords + 1}), {});
  build.write(map_object + layout.object.collection_table.offset(),
              tag(build.add_sized("ORDERED_HASH_MAP", 20)));
  const Address buffer =
      build.add_object(build.add_map({.type = "JS_ARRAY_BUFFER", .words = 12}), {});
  build.write(buffer + layout.buffer.byte_length.offset(), kSampleBufferBytes);
  build.write(buffer + layout.buffer.backing_store.offset(), kOffHeap.value());
  const Address dictionary =
      build.add_object(build.add_map({.words = kObjectWords, .is_dictionary = true}), {});
  build.write(dictionary + layout.object.properties_or_hash.offset(),
              tag(build.add_name_dictionary(
                  {{.key = text(build, "slow"), .value = build.null()},
                   {.key = build.root("to_string_tag_symbol"), .value = text(build, "Tagged")}})));
  build.add_object(build.map_of("HEAP_NUMBER"), {0x3ff0000000000000});
  build.add_sized("BIG_INT_BASE", 2);
}

Address add_process(HeapBuilder& build) {
  const auto made = build.add_class("process");
  const auto record = [&](std::initializer_list<std::string_view> keys) {
    std::vector<std::pair<std::string_view, TaggedWord>> properties;
    for (const auto key : keys) properties.emplace_back(key, text(build, key));
    return tag(add_record(build, properties));
  };
  const TaggedWord argv =
      tag(add_js_array(build, {text(build, "/usr/bin/node"), text(build, "server.js")}));
  return add_record(build,
                    {{"version", text(build, "v1.2.3")},
                     {"platform", text(build, "linux")},
                     {"arch", text(build, "x64")},
                     {"execPath", text(build, "/usr/bin/node")},
                     {"versions", record({"v8", "uv"})},
                     {"release", record({"name", "lts"})},
                     {"argv", argv},
                     {"execArgv", tag(add_js_array(build, {}))}},
                    {.prototype = tag(made.prototype)});
}

}  // namespace

SampleHeap add_sample_objects(HeapBuilder& build) {
  build.add_block(kOffHeap, kSampleBufferBytes);
  SampleHeap sample;
  sample.point = build.add_class("Point", 2);
  for (int32_t i = 0; i < 5; ++i) {
    build.add_instance(sample.point, {HeapBuilder::smi(i), build.undefined()});
  }
  const auto derived = build.add_class("Derived", 1, tag(sample.point.prototype));
  const Address with_store = build.add_instance(derived, {HeapBuilder::smi(7)});
  build.write(with_store + build.layout().object.properties_or_hash.offset(),
              tag(build.add_sized("PROPERTY_ARRAY", 3)));
  add_strings(build);
  add_containers(build);
  sample.process = add_process(build);

  const PageId fresh = build.add_page({.space = "new_space"});
  build.use_page(fresh);
  build.add_instance(sample.point);
  build.open_area(fresh, 128);
  build.use_page(build.add_page({.space = "large_object_space", .bytes = 0x4000, .large = true}));
  build.add_sized("FIXED_ARRAY", 1000);
  return sample;
}

}  // namespace corewalk::test
