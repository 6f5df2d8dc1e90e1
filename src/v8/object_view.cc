#include "v8/object_view.h"

#include <fmt/format.h>

#include "v8/tagged.h"

namespace corewalk::v8 {

Result<ObjectView> ObjectView::load(const Heap& heap, Address from) {
  const Address address = heap.moved_to(from);
  const HeapPage* page = heap.page_of(address);
  if (page == nullptr || !address.is_aligned(kWordBytes)) {
    return Fault{FaultKind::kBadValue, address, "address of an object"};
  }
  const ByteView rest = page->bytes.slice(address - page->area.begin(), page->area.size());
  const auto map_word = rest.read<TaggedWord>(0, "map of an object");
  if (!map_word) return map_word.fault();
  const MapReader maps(heap);
  const auto map = maps.decode(*map_word);
  if (!map) return Fault{FaultKind::kBadValue, address, "map of an object"};
  const uint64_t size = maps.size_of(*map, rest.data(), rest.size());
  if (size == 0 || size > rest.size()) return Fault{FaultKind::kBadValue, address, "object size"};
  return ObjectView(heap, address, *map, rest.slice(0, size));
}

Result<ObjectView> ObjectView::at(const Heap& heap, TaggedWord word) {
  if (is_smi(word)) return Fault{FaultKind::kWrongType, Address(word), "reference"};
  return load(heap, untag(word));
}

bool ObjectView::is(std::string_view class_name) const {
  return is_class(map_.type->object_class, class_name);
}

Result<TaggedWord> ObjectView::word(uint64_t offset) const {
  return bytes_.read<TaggedWord>(offset, "field");
}

Result<TaggedWord> ObjectView::tagged(std::string_view field) const {
  const ClassField* found = find(field);
  if (found == nullptr) return Fault{FaultKind::kWrongType, address_, "field"};
  return word(found->offset);
}

Result<ObjectView> ObjectView::object(std::string_view field) const {
  const auto found = tagged(field);
  return found ? at(*heap_, *found) : Result<ObjectView>(found.fault());
}

Result<int64_t> ObjectView::number(std::string_view field) const {
  const ClassField* found = find(field);
  if (found == nullptr) return Fault{FaultKind::kWrongType, address_, "field"};
  return number_at(*found);
}

std::optional<uint32_t> ObjectView::bits(std::string_view field, std::string_view name) const {
  const auto word = number(field);
  if (!word) return {};
  for (const ObjectClass* c = map_.type->object_class; c != nullptr; c = c->base) {
    const auto found = heap_->layout().decode_bits(fmt::format("{}.{}.{}", c->name, field, name),
                                                   static_cast<uint64_t>(*word));
    if (found) return found;
  }
  return {};
}

uint64_t ObjectView::element_count(const ClassField& field) const {
  return field.offset < bytes_.size() ? (bytes_.size() - field.offset) / width_of(field.kind) : 0;
}

Result<int64_t> ObjectView::number_at(const ClassField& field, uint64_t index) const {
  const uint64_t offset = field.offset + index * width_of(field.kind);
  const auto widened = [](const auto& value) {
    return value ? Result<int64_t>(static_cast<int64_t>(*value)) : Result<int64_t>(value.fault());
  };
  switch (field.kind) {
    case FieldKind::kTagged:
    case FieldKind::kWeak:
    case FieldKind::kSmi: {
      const auto value = word(offset);
      if (!value) return value.fault();
      if (!is_smi(*value)) return Fault{FaultKind::kWrongType, address_ + offset, "number"};
      return int64_t{smi_value(*value)};
    }
    case FieldKind::kInt8:
      return widened(bytes_.read<int8_t>(offset, "field"));
    case FieldKind::kInt16:
      return widened(bytes_.read<int16_t>(offset, "field"));
    case FieldKind::kUint8:
      return widened(bytes_.read<uint8_t>(offset, "field"));
    case FieldKind::kUint16:
      return widened(bytes_.read<uint16_t>(offset, "field"));
    case FieldKind::kInt32:
      return widened(bytes_.read<int32_t>(offset, "field"));
    case FieldKind::kUint32:
      return widened(bytes_.read<uint32_t>(offset, "field"));
    case FieldKind::kUint64:
    case FieldKind::kPointer:
      return widened(bytes_.read<uint64_t>(offset, "field"));
    case FieldKind::kFloat64:
      return Fault{FaultKind::kWrongType, address_ + offset, "integer"};
  }
  return Fault{FaultKind::kBadValue, address_, "field"};
}

}  // namespace corewalk::v8
