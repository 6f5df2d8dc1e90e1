#include "v8/flat_string.h"

#include "v8/instance_type.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

std::optional<FlatString> of_bytes(ByteView chars, uint64_t length, bool one_byte) {
  const FlatString flat{.chars = chars.data(), .length = length, .one_byte = one_byte};
  return chars.size() >= flat.size_bytes() ? std::optional(flat) : std::nullopt;
}

/// A string that owns its characters.
std::optional<FlatString> own_chars(const Heap& heap, Address string, uint16_t type) {
  const StringFields& fields = heap.layout().string;
  const auto length = heap.read(string, fields.length, "string length");
  if (!length) return {};
  const bool one_byte = is_one_byte_string(type);
  const uint64_t bytes = uint64_t{*length} * (one_byte ? 1 : 2);
  const auto representation = string_representation(type);
  if (representation == StringRepresentation::kSequential) {
    const HeapPage* page = heap.page_of(string);
    const uint64_t at = string - page->area.begin() + fields.sequential_chars.offset();
    return of_bytes(page->bytes.slice(at, bytes), *length, one_byte);
  }
  if (representation != StringRepresentation::kExternal) return {};
  const auto data = heap.read(string, fields.external_data, "external string data");
  if (!data) return {};
  const auto chars = heap.memory().view({Address(*data), bytes});
  return chars ? of_bytes(*chars, *length, one_byte) : std::nullopt;
}

std::optional<FlatString> sliced_chars(const Heap& heap, Address string) {
  const StringFields& fields = heap.layout().string;
  const auto parent = heap.follow(string, fields.sliced_parent.offset(), "sliced parent");
  const auto offset = heap.read(string, fields.sliced_offset, "sliced offset");
  const auto length = heap.read(string, fields.length, "string length");
  if (!parent || !offset || !length || !is_smi(*offset) || smi_value(*offset) < 0) return {};
  const auto type = heap.instance_type(*parent);
  if (!type || heap.layout().type(*type).tag != TypeTag::kString) return {};
  const auto whole = own_chars(heap, *parent, *type);
  const auto begin = static_cast<uint64_t>(smi_value(*offset));
  if (!whole || begin + *length > whole->length) return {};
  return FlatString{.chars = whole->chars + begin * (whole->one_byte ? 1 : 2),
                    .length = *length,
                    .one_byte = whole->one_byte};
}

}  // namespace

std::optional<FlatString> flat_string(const Heap& heap, Address string) {
  const auto type = heap.instance_type(string);
  if (!type || heap.layout().type(*type).tag != TypeTag::kString) return {};
  return flat_string(heap, string, *type);
}

std::optional<FlatString> flat_string(const Heap& heap, Address string, uint16_t instance_type) {
  return string_representation(instance_type) == StringRepresentation::kSliced
             ? sliced_chars(heap, string)
             : own_chars(heap, string, instance_type);
}

}  // namespace corewalk::v8
