#include "node/native_object.h"

#include <algorithm>

namespace corewalk {

using v8::ClassField;
using v8::FieldKind;

namespace {

template <class T>
std::optional<int64_t> integer(const AddressSpace& memory, Address place) {
  const auto value = memory.read<T>(place, "native field");
  return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
}

}  // namespace

NativeObject::NativeObject(const AddressSpace& memory, const v8::Layout& layout,
                           std::string_view class_name, Address address)
    : memory_(memory), address_(address) {
  const auto found = layout.classes.find(class_name);
  if (found != layout.classes.end()) class_ = &found->second;
}

std::optional<Address> NativeObject::place(std::string_view field) const {
  const ClassField* found = v8::Layout::field(class_, field);
  return found != nullptr ? std::optional(address_ + found->offset) : std::nullopt;
}

std::optional<int64_t> NativeObject::number(std::string_view field) const {
  const ClassField* found = v8::Layout::field(class_, field);
  if (found == nullptr) return {};
  const Address place = address_ + found->offset;
  switch (found->kind) {
    case FieldKind::kInt8:
      return integer<int8_t>(memory_, place);
    case FieldKind::kUint8:
      return integer<uint8_t>(memory_, place);
    case FieldKind::kInt16:
      return integer<int16_t>(memory_, place);
    case FieldKind::kUint16:
      return integer<uint16_t>(memory_, place);
    case FieldKind::kInt32:
      return integer<int32_t>(memory_, place);
    case FieldKind::kUint32:
      return integer<uint32_t>(memory_, place);
    case FieldKind::kUint64:
    case FieldKind::kPointer:
      return integer<uint64_t>(memory_, place);
    case FieldKind::kTagged:
    case FieldKind::kWeak:
    case FieldKind::kSmi:
    case FieldKind::kFloat64:
      return {};
  }
  return {};
}

std::optional<Address> NativeObject::pointer(std::string_view field) const {
  const auto where = place(field);
  if (!where) return {};
  const auto value = memory_.read<uint64_t>(*where, "native pointer");
  return value && *value != 0 ? std::optional(Address(*value)) : std::nullopt;
}

std::optional<std::string> NativeObject::text(std::string_view field) const {
  const auto target = pointer(field);
  return target ? read_c_string(memory_, *target) : std::nullopt;
}

std::optional<std::string> NativeObject::text_at(std::string_view field) const {
  const auto where = place(field);
  return where ? read_c_string(memory_, *where) : std::nullopt;
}

std::optional<std::string> read_c_string(const AddressSpace& memory, Address address) {
  // Stops at the first byte that is missing: behind a gap there is no text.
  const auto prefix = memory.view_prefix(address, NativeObject::kMaxText);
  if (!prefix) return {};
  const auto* begin = reinterpret_cast<const char*>(prefix->data());
  const auto* end = std::find(begin, begin + prefix->size(), '\0');
  if (end == begin + prefix->size()) return {};
  return std::string(begin, end);
}

}  // namespace corewalk
