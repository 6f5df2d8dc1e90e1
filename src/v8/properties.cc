#include "v8/properties.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace corewalk::v8 {
namespace {

constexpr uint64_t kDescriptorBytes = 3 * kWordBytes;       // key, details, value
constexpr uint64_t kDictionaryEntryBytes = 3 * kWordBytes;  // key, value, details
constexpr uint32_t kDoubleRepresentation = 2;               // property-details.h, Representation

/// The properties in the order of these numbers, one for each.
std::vector<PropertyReader::Property> sorted(std::vector<PropertyReader::Property> list,
                                             const std::vector<uint32_t>& order) {
  std::vector<size_t> places(list.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::stable_sort(places.begin(), places.end(),
                   [&](size_t a, size_t b) { return order[a] < order[b]; });
  std::vector<PropertyReader::Property> result;
  result.reserve(list.size());
  for (const size_t place : places) result.push_back(list[place]);
  return result;
}

}  // namespace

Result<MapView> MapView::of_object(const Heap& heap, Address object) {
  const auto map = heap.map_of(object);
  if (!map) return map.fault();
  return load(heap, *map);
}

Result<MapView> MapView::load(const Heap& heap, Address map) {
  const MapFields& fields = heap.layout().map;
  const BitLayout& bits = heap.layout().bits;
  if (!heap.is_map(map)) return Fault{FaultKind::kWrongType, map, "map"};
  const auto type = heap.read(map, fields.instance_type, "map");
  const auto words = heap.read(map, fields.instance_size_in_words, "map");
  const auto start = heap.read(map, fields.in_object_start_or_constructor_index, "map");
  const auto bits2 = heap.read(map, fields.bit_field2, "map");
  const auto bits3 = heap.read(map, fields.bit_field3, "map");
  const auto prototype = heap.read(map, fields.prototype, "map");
  const auto constructor = heap.read(map, fields.constructor_or_back_pointer, "map");
  const auto descriptors = heap.read(map, fields.instance_descriptors, "map");
  if (!type || !words || !start || !bits2 || !bits3 || !prototype || !constructor || !descriptors) {
    return Fault{FaultKind::kOutOfBounds, map, "map"};
  }
  MapView view;
  view.map = map;
  view.instance_type = *type;
  view.tag = heap.layout().type(*type).tag;
  view.instance_size_in_words = *words;
  view.in_object_start_in_words = *start;
  view.own_descriptors = bits.own_descriptors.decode(*bits3);
  view.is_prototype_map = bits.prototype_map.decode(*bits3) != 0;
  view.is_dictionary_map = bits.dictionary_map.decode(*bits3) != 0;
  view.new_target_is_base = bits.new_target_is_base.decode(*bits2) != 0;
  view.prototype = *prototype;
  view.constructor_or_back_pointer = *constructor;
  view.descriptors = *descriptors;
  return view;
}

std::vector<Descriptor> PropertyReader::descriptors(const MapView& map) const {
  std::vector<Descriptor> found;
  if (map.is_dictionary_map || is_smi(map.descriptors)) return found;
  const ContainerFields& fields = heap_.layout().container;
  const BitLayout& bits = heap_.layout().bits;
  const Address array = untag(map.descriptors);
  const auto total = heap_.read(array, fields.descriptor_count, "descriptor count");
  if (!total) return found;
  const uint32_t count = std::min<uint32_t>(map.own_descriptors, *total);
  found.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t at = fields.descriptor_entries.offset() + i * kDescriptorBytes;
    const auto key = heap_.read<TaggedWord>(array, at, "descriptor key");
    const auto details = heap_.read<TaggedWord>(array, at + kWordBytes, "descriptor details");
    const auto value = heap_.read<TaggedWord>(array, at + 2 * kWordBytes, "descriptor value");
    if (!key || !details || !value || !is_smi(*details)) break;
    const auto flags = static_cast<uint32_t>(smi_value(*details));
    found.push_back(
        {.key = *key,
         .value = *value,
         .is_accessor = bits.details_kind.decode(flags) != 0,
         .in_descriptor = bits.details_location.decode(flags) != 0,
         .is_double = bits.details_representation.decode(flags) == kDoubleRepresentation,
         .field_index = bits.details_field_index.decode(flags),
         .attributes = bits.details_attributes.decode(flags)});
  }
  return found;
}

Result<TaggedWord> PropertyReader::field(Address object, const MapView& map,
                                         uint32_t field_index) const {
  const uint32_t in_object = map.in_object_capacity();
  if (field_index < in_object) {
    return heap_.read<TaggedWord>(object, (map.in_object_start_in_words + field_index) * kWordBytes,
                                  "in-object property");
  }
  const auto store =
      heap_.follow(object, heap_.layout().object.properties_or_hash.offset(), "property array");
  if (!store) return store.fault();
  if (heap_.tag_of(*store) != TypeTag::kPropertyArray) {
    return Fault{FaultKind::kWrongType, *store, "property array"};
  }
  return heap_.read<TaggedWord>(
      *store,
      heap_.layout().container.array_elements.offset() + (field_index - in_object) * kWordBytes,
      "out-of-object property");
}

PropertyReader::OwnProperty PropertyReader::own_property(Address object, const MapView& map,
                                                         TaggedWord key) const {
  if (!is_js_object(map.tag)) return {};
  OwnProperty found;
  if (map.is_dictionary_map) {
    for_each_in_dictionary(object, [&](const Entry& entry) {
      if (entry.key == key) found = {.exists = true, .data = data(entry)};
      return !found.exists;
    });
    return found;
  }
  for (const Descriptor& descriptor : descriptors(map)) {
    if (descriptor.key != key) continue;
    if (descriptor.is_accessor || descriptor.is_double) return {.exists = true, .data = {}};
    if (descriptor.in_descriptor) return {.exists = true, .data = descriptor.value};
    const auto value = field(object, map, descriptor.field_index);
    return {.exists = true, .data = value ? std::optional(*value) : std::nullopt};
  }
  return found;
}

std::vector<PropertyReader::DataProperty> PropertyReader::own_data_properties(
    Address object, const MapView& map) const {
  std::vector<DataProperty> list;
  if (!is_js_object(map.tag)) return list;
  if (map.is_dictionary_map) {
    for_each_in_dictionary(object, [&](const Entry& entry) {
      if (const auto value = data(entry)) list.push_back({entry.key, *value});
      return true;
    });
    return list;
  }
  for (const Descriptor& descriptor : descriptors(map)) {
    if (descriptor.is_accessor || descriptor.is_double) continue;
    if (descriptor.in_descriptor) {
      list.push_back({descriptor.key, descriptor.value});
    } else if (const auto value = field(object, map, descriptor.field_index)) {
      list.push_back({descriptor.key, *value});
    }
  }
  return list;
}

bool PropertyReader::is_accessor(const Entry& entry) const {
  return heap_.layout().bits.details_kind.decode(entry.details) != 0;
}

std::optional<TaggedWord> PropertyReader::data(const Entry& entry) const {
  return is_accessor(entry) ? std::nullopt : entry.value;
}

std::vector<PropertyReader::Property> PropertyReader::own_properties(Address object,
                                                                     const MapView& map,
                                                                     uint64_t limit) const {
  std::vector<Property> list;
  if (!is_js_object(map.tag)) return list;
  if (map.is_dictionary_map) {
    std::vector<uint32_t> order;
    for_each_in_dictionary(object, [&](const Entry& entry) {
      // Free entries hold undefined, deleted ones the hole.
      const TypeTag key_tag = heap_.tag_of(untag(entry.key));
      if (key_tag != TypeTag::kString && key_tag != TypeTag::kSymbol) return true;
      order.push_back(heap_.layout().bits.details_enumeration_index.decode(entry.details));
      const uint32_t attributes = heap_.layout().bits.details_attributes.decode(entry.details);
      list.push_back({.key = entry.key,
                      .holds = !entry.value         ? Holds::kUnreadable
                               : is_accessor(entry) ? Holds::kAccessor
                                                    : Holds::kTagged,
                      .value = entry.value.value_or(0),
                      .read_only = (attributes & kReadOnly) != 0,
                      .hidden = (attributes & kDontEnum) != 0});
      return list.size() < limit;
    });
    return sorted(std::move(list), order);
  }
  for (const Descriptor& descriptor : descriptors(map)) {
    if (list.size() == limit) break;
    list.push_back(fast_property(object, map, descriptor));
  }
  return list;
}

PropertyReader::Property PropertyReader::fast_property(Address object, const MapView& map,
                                                       const Descriptor& descriptor) const {
  Property property{.key = descriptor.key,
                    .read_only = (descriptor.attributes & kReadOnly) != 0,
                    .hidden = (descriptor.attributes & kDontEnum) != 0};
  if (descriptor.in_descriptor) {
    property.value = descriptor.value;
    property.holds = descriptor.is_accessor ? Holds::kAccessor : Holds::kTagged;
    return property;
  }
  const auto word = field(object, map, descriptor.field_index);
  if (!word) return property;
  const uint32_t index = map.in_object_start_in_words + descriptor.field_index;
  const bool unboxed = descriptor.is_double && heap_.layout().has(Feature::kUnboxedDoubleFields) &&
                       index < map.instance_size_in_words;
  if (unboxed) std::memcpy(&property.number, &*word, sizeof property.number);
  property.value = unboxed ? 0 : *word;
  property.holds = unboxed ? Holds::kDouble : Holds::kTagged;
  return property;
}

// Calls `visit` with each entry until it returns false. A GlobalDictionary's entries are
// PropertyCells, one word each, which hold key and value themselves.
template <class Visit>
void PropertyReader::for_each_in_dictionary(Address object, Visit&& visit) const {
  const ContainerFields& fields = heap_.layout().container;
  const auto dictionary =
      heap_.follow(object, heap_.layout().object.properties_or_hash.offset(), "dictionary");
  if (!dictionary) return;
  const TypeTag tag = heap_.tag_of(*dictionary);
  const bool is_global = tag == TypeTag::kGlobalDictionary;
  if (tag != TypeTag::kNameDictionary && !is_global) return;
  const HeapPage* page = heap_.page_of(*dictionary);
  const auto length = heap_.read<TaggedWord>(*dictionary, kWordBytes, "dictionary length");
  if (!length || page == nullptr) return;
  const uint64_t stride = is_global ? kWordBytes : kDictionaryEntryBytes;
  const uint64_t first = is_global ? fields.global_dictionary_entries.offset()
                                   : fields.name_dictionary_entries.offset();
  const uint64_t end = fields.array_elements.offset() +
                       static_cast<uint64_t>(std::max(smi_value(*length), 0)) * kWordBytes;
  const ByteView bytes = page->bytes.slice(*dictionary - page->area.begin(), end);
  for (uint64_t at = first; at + stride <= bytes.size(); at += stride) {
    Entry entry{.key = *bytes.read<TaggedWord>(at), .value = {}};
    if (is_smi(entry.key)) continue;
    TaggedWord details = 0;
    if (is_global) {
      const Address cell = untag(entry.key);
      entry.key = heap_.read<TaggedWord>(cell, kWordBytes, "property cell name").value_or(0);
      details = heap_.read<TaggedWord>(cell, 2 * kWordBytes, "property cell details").value_or(0);
      const auto value = heap_.read(cell, fields.property_cell_value, "property cell value");
      if (value) entry.value = *value;
    } else {
      entry.value = *bytes.read<TaggedWord>(at + kWordBytes);
      details = *bytes.read<TaggedWord>(at + 2 * kWordBytes);
    }
    entry.details = static_cast<uint32_t>(smi_value(details));
    if (!visit(entry)) return;
  }
}

uint64_t PropertyReader::dictionary_size(Address object) const {
  const auto dictionary =
      heap_.follow(object, heap_.layout().object.properties_or_hash.offset(), "dictionary");
  if (!dictionary) return 0;
  const auto elements = heap_.read<TaggedWord>(
      *dictionary, heap_.layout().container.array_elements.offset(), "dictionary size");
  return elements ? static_cast<uint64_t>(std::max(smi_value(*elements), 0)) : 0;
}

}  // namespace corewalk::v8
