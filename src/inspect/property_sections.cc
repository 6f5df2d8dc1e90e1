// What every JavaScript object may have: named and indexed properties, and the slots in which C++
// code keeps its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/brief.h"
#include "inspect/error_stack.h"
#include "inspect/sections.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::PropertyReader;
using v8::TaggedWord;
using v8::TypeTag;

namespace {

using Holds = PropertyReader::Holds;

/// Getter and setter of an accessor; an AccessorInfo of V8's own has neither as a function.
void read_accessor(const ValueReader& reader, TaggedWord word, const InspectOptions& inner,
                   Member& member) {
  member.is_accessor = true;
  const auto pair = ObjectView::at(reader.heap(), word);
  const auto getter = pair ? pair->tagged("getter") : Result<TaggedWord>(pair.fault());
  const auto setter = pair ? pair->tagged("setter") : Result<TaggedWord>(pair.fault());
  if (!pair || !pair->is("AccessorPair") || !getter || !setter) {
    member.value = reader.brief(word, inner);
    return;
  }
  member.value = reader.brief(*getter, inner);
  member.setter = reader.brief(*setter, inner);
}

Member read_property(const ValueReader& reader, const PropertyReader::Property& property,
                     const InspectOptions& inner) {
  Member member;
  member.name = reader.key_text(property.key);
  member.read_only = property.read_only;
  member.hidden = property.hidden;
  const v8::Heap& heap = reader.heap();
  const Address key = v8::untag(property.key);
  if (heap.tag_of(key) == TypeTag::kSymbol) {
    const auto flags = heap.read(key, heap.layout().string.symbol_flags, "symbol flags");
    member.is_private = heap.layout().bits.symbol_private.decode(flags.value_or(0)) != 0;
    member.is_symbol = !member.is_private;
    if (is_stack_key(heap, property.key)) {
      member.name = "stack";
      member.is_private = false;
    }
  }
  switch (property.holds) {
    case Holds::kTagged:
      member.value = reader.read(property.value, inner);
      break;
    case Holds::kDouble:
      member.value = number_value(property.number);
      break;
    case Holds::kAccessor:
      read_accessor(reader, property.value, inner, member);
      break;
    case Holds::kUnreadable:
      member.value.text = "<unreadable>";
      break;
  }
  return member;
}

bool is_native_accessor(const v8::Heap& heap, const PropertyReader::Property& property) {
  const auto accessor = ObjectView::at(heap, property.value);
  return property.holds == Holds::kAccessor && accessor && accessor->is("AccessorInfo");
}

/// True for what the value's line or another section says: `length` of arrays and functions and the
/// like, which V8 computes, and the exports of a module.
bool is_shown_otherwise(const ValueReader& reader, const ObjectView& object,
                        const PropertyReader::Property& property) {
  const TypeTag tag = object.tag();
  // Errors have an accessor for what the private symbol holds.
  if (tag == TypeTag::kJSError && property.holds == Holds::kAccessor) {
    return reader.key_text(property.key) == "stack";
  }
  const bool computes = tag == TypeTag::kJSArray || tag == TypeTag::kJSPrimitiveWrapper ||
                        v8::is_callable_function(tag) || object.is("JSModuleNamespace");
  return computes && is_native_accessor(reader.heap(), property);
}

Section properties_of(const ValueReader& reader, const ObjectView& object, const v8::MapView& map,
                      const InspectOptions& inner) {
  Section section{.kind = SectionKind::kProperties, .title = "properties"};
  const auto list =
      reader.properties().own_properties(object.address(), map, ValueReader::kMaxMembers);
  for (const PropertyReader::Property& property : list) {
    if (is_shown_otherwise(reader, object, property)) continue;
    section.members.push_back(read_property(reader, property, inner));
  }
  section.total = section.members.size();
  return section;
}

/// Of fast elements the map says that they are frozen.
bool has_frozen_elements(const ObjectView& object) {
  const auto map = ObjectView::load(object.heap(), object.map().map);
  const auto kind = map ? map->bits("bit_field2", "elements_kind") : std::nullopt;
  return kind && object.heap().layout().enum_name("ElementsKind", *kind).find("FROZEN") !=
                     std::string_view::npos;
}

Section elements_of(const ValueReader& reader, const ObjectView& object,
                    const InspectOptions& options, const InspectOptions& inner) {
  Section section{.kind = SectionKind::kElements, .title = "elements"};
  const uint64_t limit = member_limit(options);
  const bool frozen = has_frozen_elements(object);
  reader.elements().for_each(object, [&](const v8::Element& element) {
    ++section.total;
    if (section.members.size() >= limit) return section.total < ValueReader::kMaxMembers;
    const PropertyReader::Property property{.holds = element.holds,
                                            .value = element.value,
                                            .number = element.number,
                                            .read_only = element.read_only || frozen,
                                            .hidden = element.hidden};
    Member member = read_property(reader, property, inner);
    member.name = std::to_string(element.index);
    section.members.push_back(std::move(member));
    return true;
  });
  return section;
}

/// Where the fields that V8 declares for a class end.
uint64_t end_of_fields(const ObjectView& object) {
  uint64_t end = 0;
  for (const auto* c = object.type().object_class; c != nullptr; c = c->base) {
    for (const v8::ClassField& field : c->fields) {
      end = std::max<uint64_t>(end, field.offset + width_of(field.kind));
    }
  }
  return (end + v8::kWordBytes - 1) / v8::kWordBytes * v8::kWordBytes;
}

/// API objects: the slots between the object's header and its properties.
Section embedder_fields_of(const ValueReader& reader, const ObjectView& object,
                           const v8::MapView& map) {
  Section section{.kind = SectionKind::kEmbedder, .title = "internal fields"};
  const uint64_t end =
      std::min<uint64_t>(map.in_object_start_in_words * v8::kWordBytes, object.size_bytes());
  const std::string_view type = object.type().name;
  if (type != "JS_API_OBJECT" && type != "JS_SPECIAL_API_OBJECT") return section;
  for (uint64_t at = end_of_fields(object); at + v8::kWordBytes <= end; at += v8::kWordBytes) {
    Member member;
    member.name = std::to_string(section.members.size());
    const TaggedWord word = *object.word(at);
    // An aligned pointer looks like a Smi; a tagged value is a reference.
    if (!v8::is_smi(word) && reader.heap().page_of(v8::untag(word)) != nullptr) {
      member.value = reader.brief(word, {});
    } else {
      member.value.kind = ValueKind::kInternal;
      member.value.text = fmt::format("0x{:x}", word);
    }
    section.members.push_back(std::move(member));
  }
  section.total = section.members.size();
  return section;
}

}  // namespace

void add_property_sections(const ValueReader& reader, const ObjectView& object,
                           const InspectOptions& options, Value& value) {
  const auto map = v8::MapView::load(reader.heap(), object.map().map);
  if (!map) return;
  const InspectOptions inner = options_within(options);
  for (auto&& section : std::array{properties_of(reader, object, *map, inner),
                                   elements_of(reader, object, options, inner),
                                   embedder_fields_of(reader, object, *map)}) {
    if (section.total != 0) value.sections.push_back(std::move(section));
  }
}

}  // namespace corewalk
