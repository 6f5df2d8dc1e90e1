// The part of HeapBuilder that writes strings, containers and JavaScript objects.

#include "base/progress.h"
#include "support/heap_builder.h"
#include "v8/layout_library.h"

namespace corewalk::test {

using v8::kWordBytes;
using v8::tag;
using v8::TaggedWord;

namespace {

constexpr uint32_t kTaggedRepresentation = 4;  // property-details.h, Representation
constexpr uint32_t kDoubleRepresentation = 2;

}  // namespace

Address HeapBuilder::add_array(const std::vector<TaggedWord>& elements, std::string_view type) {
  const Address array = add_sized(type, static_cast<uint32_t>(elements.size()));
  Address element = array + layout_.container.array_elements.offset();
  for (const TaggedWord word : elements) {
    write(element, word);
    element = element + kWordBytes;
  }
  return array;
}

TaggedWord HeapBuilder::details(const PropertySpec& property) const {
  const v8::BitLayout& bits = layout_.bits;
  const auto put = [](const v8::BitRange& range, uint32_t value) {
    return (value & range.mask) << range.shift;
  };
  return smi(
      static_cast<int32_t>(put(bits.details_kind, property.is_accessor ? 1 : 0) |
                           put(bits.details_location, property.in_descriptor ? 1 : 0) |
                           put(bits.details_representation,
                               property.is_double ? kDoubleRepresentation : kTaggedRepresentation) |
                           put(bits.details_field_index, property.field_index)));
}

Address HeapBuilder::add_descriptors(const std::vector<PropertySpec>& properties) {
  const Address array = add_sized("DESCRIPTOR_ARRAY", static_cast<uint32_t>(properties.size()));
  Address entry = array + layout_.container.descriptor_entries.offset();
  for (const PropertySpec& property : properties) {
    write(entry, property.key);
    write(entry + kWordBytes, details(property));
    write(entry + 2 * kWordBytes, property.value);
    entry = entry + 3 * kWordBytes;
  }
  return array;
}

// A hash table's first words after its length: elements, deleted elements, capacity, and what each
// version puts before the entries. Readers need the number of elements alone.
Address HeapBuilder::add_name_dictionary(const std::vector<PropertySpec>& properties) {
  const v8::ContainerFields& fields = layout_.container;
  const uint64_t prefix_words =
      (fields.name_dictionary_entries.offset() - fields.array_elements.offset()) / kWordBytes;
  std::vector<TaggedWord> words(prefix_words);
  words[0] = smi(static_cast<int32_t>(properties.size()));
  for (const PropertySpec& property : properties) {
    words.push_back(property.key);
    words.push_back(property.value);
    words.push_back(details(property));
  }
  return add_array(words, "NAME_DICTIONARY");
}

Address HeapBuilder::add_string(std::string_view latin1) {
  const Address string = add_sized("SEQ_ONE_BYTE_STRING", static_cast<uint32_t>(latin1.size()));
  Address unit = string + layout_.string.sequential_chars.offset();
  for (const char c : latin1) {
    write(unit, c);
    unit = unit + 1;
  }
  return string;
}

Address HeapBuilder::add_wide_string(std::u16string_view text) {
  const Address string = add_sized("SEQ_TWO_BYTE_STRING", static_cast<uint32_t>(text.size()));
  Address unit = string + layout_.string.sequential_chars.offset();
  for (const char16_t c : text) {
    write(unit, c);
    unit = unit + 2;
  }
  return string;
}

Address HeapBuilder::add_cons(Address first, Address second, uint32_t length) {
  const Address string = add_object(map_of("CONS_ONE_BYTE_STRING"), {});
  write(string + layout_.string.length.offset(), length);
  write(string + layout_.string.cons_first.offset(), tag(first));
  write(string + layout_.string.cons_second.offset(), tag(second));
  return string;
}

Address HeapBuilder::add_sliced(Address parent, uint32_t offset, uint32_t length) {
  const Address string = add_object(map_of("SLICED_ONE_BYTE_STRING"), {});
  write(string + layout_.string.length.offset(), length);
  write(string + layout_.string.sliced_parent.offset(), tag(parent));
  write(string + layout_.string.sliced_offset.offset(), smi(static_cast<int32_t>(offset)));
  return string;
}

Address HeapBuilder::add_thin(Address actual, uint32_t length) {
  const Address string = add_object(map_of(thin_type()), {});
  write(string + layout_.string.length.offset(), length);
  write(string + layout_.string.thin_actual.offset(), tag(actual));
  return string;
}

Address HeapBuilder::add_external_string(Address chars, uint32_t length) {
  const Address string = add_object(map_of("EXTERNAL_ONE_BYTE_STRING"), {});
  write(string + layout_.string.length.offset(), length);
  write(string + layout_.string.external_data.offset(), chars.value());
  return string;
}

Address HeapBuilder::name(std::string_view text) {
  const auto known = names_.find(text);
  if (known != names_.end()) return known->second;
  const PageId page = std::exchange(current_, read_only_page());
  const Address string =
      add_sized("INTERNALIZED_ONE_BYTE_STRING", static_cast<uint32_t>(text.size()));
  Address unit = string + layout_.string.sequential_chars.offset();
  for (const char c : text) {
    write(unit, c);
    unit = unit + 1;
  }
  current_ = page;
  names_.emplace(text, string);
  return string;
}

Address HeapBuilder::add_shared(TaggedWord name_word) {
  const Address shared = add_object(map_of("SHARED_FUNCTION_INFO"), {});
  write(shared + layout_.function.name_or_scope_info.offset(), name_word);
  return shared;
}

Address HeapBuilder::add_function(Address shared) {
  const Address function = add_object(map_of("JS_FUNCTION"), {});
  write(function + layout_.function.shared.offset(), tag(shared));
  return function;
}

HeapBuilder::Class HeapBuilder::add_class(std::string_view class_name, uint8_t fields,
                                          TaggedWord parent) {
  constexpr uint8_t kObjectWords = 3;  // map, properties, elements
  Class made;
  made.function = add_function(add_shared(tag(name(class_name))));
  const TaggedWord constructor_key = tag(name("constructor"));
  const Address own = add_descriptors({{.key = constructor_key, .field_index = 0}});
  const Address prototype_map = add_map({.words = kObjectWords + 1,
                                         .prototype = parent,
                                         .descriptors = tag(own),
                                         .own_descriptors = 1,
                                         .is_prototype = true});
  made.prototype = add_object(prototype_map, {0, 0, tag(made.function)});
  std::vector<PropertySpec> properties;
  for (uint8_t i = 0; i < fields; ++i) {
    properties.push_back({.key = tag(name("f" + std::to_string(i))), .field_index = i});
  }
  made.map = add_map({.words = static_cast<uint8_t>(kObjectWords + fields),
                      .prototype = tag(made.prototype),
                      .constructor = tag(made.function),
                      .descriptors = tag(add_descriptors(properties)),
                      .own_descriptors = fields,
                      .new_target_is_base = true});
  return made;
}

Address HeapBuilder::add_instance(const Class& c, std::initializer_list<TaggedWord> fields) {
  const Address object = add_object(c.map, {});
  Address field = object + 3 * kWordBytes;
  for (const TaggedWord word : fields) {
    write(field, word);
    field = field + kWordBytes;
  }
  return object;
}

const std::vector<std::unique_ptr<v8::Layout>>& all_layouts() {
  static const auto layouts = [] {
    std::vector<std::unique_ptr<v8::Layout>> parsed;
    for (const v8::LayoutText& text : v8::built_in_layouts()) {
      parsed.push_back(v8::LayoutLibrary::parse(text.file_name, text.text));
    }
    return parsed;
  }();
  return layouts;
}

FoundHeap::FoundHeap(HeapBuilder& builder, const std::vector<HeapBuilder::Missing>& missing)
    : memory(builder.memory(missing)) {
  NoProgress progress;
  heap = v8::Heap::find(*memory, builder.layout(), progress);
}

}  // namespace corewalk::test
