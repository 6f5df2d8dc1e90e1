// What every JavaScript object may have: named and indexed properties, and the slots in which C++
// code keeps its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/brief.h"
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

Section properties_of(const ValueReader& reader, const ObjectView& object, const v8::MapView& map,
                      const InspectOptions& inner) {
  Section section{.kind = SectionKind::kProperties, .title = "properties"};
  const auto list = reader.properties().own_properties(object.address(), map, ValueReader::kMaxMembers);
  for (const PropertyReader::Property& property : list) {
    section.members.push_back(read_property(reader, property, inner));
  }
  section.total = section.members.size();
  return section;
}

Section elements_of(const ValueReader& reader, const ObjectView& object,
                    const InspectOptions& options, const InspectOptions& inner) {
  Section section{.kind = SectionKind::kElements, .title = "elements"};
  const uint64_t limit = member_limit(options);
  reader.elements().for_each(object, [&](const v8::Element& element) {
    ++section.total;
    if (section.members.size() >= limit) return section.total < ValueReader::kMaxMembers;
    const PropertyReader::Property property{
        .holds = element.holds, .value = element.value, .number = element.number};
    Member member = read_property(reader, property, inner);
    member.name = std::to_string(element.index);
    section.members.push_back(std::move(member));
    return true;
  });
  return section;
}

/// API objects: the slots between the object's header and its properties.
Section embedder_fields_of(const ValueReader& reader, const ObjectView& object,
                           const v8::MapView& map) {
  Section section{.kind = SectionKind::kEmbedder, .title = "internal fields"};
  const auto* first = v8::Layout::field(object.type().object_class, "embedder_fields");
  const uint64_t end = std::min<uint64_t>(map.in_object_start_in_words * v8::kWordBytes,
                                          object.size_bytes());
  if (first == nullptr) return section;
  for (uint64_t at = first->offset; at + v8::kWordBytes <= end; at += v8::kWordBytes) {
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
