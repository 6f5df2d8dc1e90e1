#include "v8/map_info.h"

namespace corewalk::v8 {

std::optional<MapInfo> MapReader::decode(TaggedWord word) const {
  if (!is_strong(word) || !heap_.is_map(untag(word))) return {};
  const Address map = untag(word);
  const auto type = heap_.read(map, fields_.instance_type, "instance type");
  const auto words = heap_.read(map, fields_.instance_size_in_words, "instance size");
  if (!type || !words) return {};
  const TypeInfo& info = heap_.layout().type(*type);
  if (info.tag == TypeTag::kUnknown) return {};
  return MapInfo{.map = map,
                 .type = &info,
                 .fixed_size_bytes = static_cast<uint32_t>(*words * kWordBytes),
                 .array = array_size(info.size),
                 .instance_type = *type,
                 .tag = info.tag};
}

ArraySize MapReader::array_size(const SizeRule& rule) {
  const unsigned bits = 8 * width_of(rule.length.kind);
  if (rule.kind != SizeKind::kLinear || bits == 0 || rule.per != 1 ||
      rule.plus.kind != LengthKind::kNone) {
    return {};
  }
  const bool is_smi = rule.length.kind == LengthKind::kSmi;  // the upper half of its word
  const uint64_t length_mask = (uint64_t{1} << (is_smi ? 32 : bits)) - 1;
  return {.offset = rule.length.offset,
          .shift = static_cast<uint8_t>(rule.shift + (is_smi ? 32 : 0)),
          .mask = static_cast<uint32_t>((rule.mask & length_mask) >> rule.shift),
          .header = rule.header,
          .element = rule.element,
          .align = rule.align};
}

uint64_t MapReader::special_size(const MapInfo& map, const std::byte* bytes,
                                 uint64_t available) const {
  const SizeRule& rule = map.type->size;
  switch (rule.kind) {
    case SizeKind::kUnknown:
      return 0;
    case SizeKind::kLinear:
      return linear_size(rule, bytes, available);
    case SizeKind::kUntilNextMap:
      return until_next_map(bytes, available, rule.header);
    case SizeKind::kInstructionStreamViaCode:
      return available < rule.header ? 0 : stream_size_via_code(rule, bytes);
    case SizeKind::kWasmArray:
      return wasm_array_size(map, bytes, available);
    case SizeKind::kWasmStruct:
      return wasm_struct_size(map);
  }
  return 0;
}

uint64_t MapReader::until_next_map(const std::byte* bytes, uint64_t available,
                                   uint64_t header) const {
  for (uint64_t at = header; at + kWordBytes <= available; at += kWordBytes) {
    TaggedWord word;
    std::memcpy(&word, bytes + at, sizeof word);
    if (is_strong(word) && heap_.is_map(untag(word))) return at;
  }
  return available;
}

// V8 11.3: the stream's second word is its Code object, which has the instruction size and right
// after it the metadata size (objects/code.h). `plus` of the rule is the field in the Code object.
uint64_t MapReader::stream_size_via_code(const SizeRule& rule, const std::byte* bytes) const {
  TaggedWord code;
  std::memcpy(&code, bytes + rule.length.offset, sizeof code);
  const auto sizes = heap_.read<uint64_t>(untag(code), rule.plus.offset, "code sizes");
  if (!sizes) return 0;
  const uint64_t size = rule.header + (*sizes & 0xFFFFFFFF) + (*sizes >> 32);
  return align_up(size, rule.align);
}

// WasmStruct::EncodeInstanceSizeInMap (wasm/wasm-objects-inl.h): the size, in bytes or in words, is
// in two bytes of the map that hold something else for JavaScript objects: the start of in-object
// properties, and the one behind it.
uint64_t MapReader::wasm_struct_size(const MapInfo& map) const {
  const auto units = heap_.read<uint16_t>(
      map.map, fields_.in_object_start_or_constructor_index.offset(), "wasm struct size");
  const uint64_t size = uint64_t{units.value_or(0)} * map.type->size.element;
  return size % kWordBytes == 0 ? size : 0;
}

uint64_t MapReader::wasm_array_size(const MapInfo& map, const std::byte* bytes,
                                    uint64_t available) const {
  const auto element =
      heap_.read(map.map, fields_.in_object_start_or_constructor_index, "wasm element size");
  if (!element) return 0;
  SizeRule rule = map.type->size;
  rule.element = *element;
  return linear_size(rule, bytes, available);
}

}  // namespace corewalk::v8
