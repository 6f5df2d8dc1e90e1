#include "v8/map_table.h"

#include <algorithm>
#include <cstring>

namespace corewalk::v8 {
namespace {

constexpr uint64_t kInitialSlots = 4096;

uint64_t length_at(const LengthField& field, const std::byte* bytes, uint64_t available) {
  const auto read = [&]<class T>(T value) -> uint64_t {
    if (field.offset + sizeof(T) > available) return 0;
    std::memcpy(&value, bytes + field.offset, sizeof(T));
    return static_cast<uint64_t>(value);
  };
  switch (field.kind) {
    case LengthKind::kNone: return 0;
    case LengthKind::kSmi: return read(uint64_t{}) >> 32;
    case LengthKind::kUint32: return read(uint32_t{});
    case LengthKind::kInt32: return read(uint32_t{});
    case LengthKind::kUint16: return read(uint16_t{});
    case LengthKind::kUint8: return static_cast<uint64_t>(read(uint8_t{}));
  }
  return 0;
}

// Lengths are at most 32 bits and elements at most 16 bits, so nothing here can overflow.
uint64_t linear_size(const SizeRule& rule, const std::byte* bytes, uint64_t available) {
  const uint64_t length = (length_at(rule.length, bytes, available) & rule.mask) >> rule.shift;
  const uint64_t plus = length_at(rule.plus, bytes, available) & 0xFFFFFFFF;
  const uint64_t units = (length + rule.per - 1) / rule.per;
  const uint64_t size = rule.header + units * rule.element + plus * rule.plus_element;
  return (size + rule.align - 1) & ~(uint64_t{rule.align} - 1);
}

}  // namespace

MapTable::MapTable(const Heap& heap)
    : heap_(heap), fields_(heap.layout().map), slots_(kInitialSlots), mask_(kInitialSlots - 1) {}

const MapInfo* MapTable::add(TaggedWord word) {
  if (!is_strong(word) || !heap_.is_map(untag(word))) return nullptr;
  const Address map = untag(word);
  const auto type = heap_.read(map, fields_.instance_type, "instance type");
  const auto words = heap_.read(map, fields_.instance_size_in_words, "instance size");
  const auto bits = heap_.read(map, fields_.bit_field2, "bit field 2");
  if (!type || !words || !bits) return nullptr;
  if (heap_.layout().type(*type).tag == TypeTag::kUnknown) return nullptr;
  MapInfo info;
  info.map = map;
  info.type = &heap_.layout().type(*type);
  info.instance_type = *type;
  info.tag = info.type->tag;
  info.fixed_size_bytes = static_cast<uint32_t>(*words * kWordBytes);
  info.elements_kind = static_cast<uint8_t>(heap_.layout().bits.elements_kind.decode(*bits));
  info.id = static_cast<uint32_t>(infos_.size());
  infos_.push_back(info);
  if (infos_.size() * 2 > slots_.size()) grow();
  uint64_t slot = hash(word);
  while (slots_[slot].word != 0) slot = (slot + 1) & mask_;
  slots_[slot] = {word, &infos_.back()};
  return &infos_.back();
}

void MapTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& entry : old) {
    if (entry.word == 0) continue;
    uint64_t slot = hash(entry.word);
    while (slots_[slot].word != 0) slot = (slot + 1) & mask_;
    slots_[slot] = entry;
  }
}

uint64_t MapTable::variable_size(const MapInfo& map, const std::byte* bytes, uint64_t available) {
  const SizeRule& rule = map.type->size;
  switch (rule.kind) {
    case SizeKind::kUnknown: return 0;
    case SizeKind::kLinear: return linear_size(rule, bytes, available);
    case SizeKind::kUntilNextMap: return until_next_map(bytes, available, rule.header);
    case SizeKind::kInstructionStreamViaCode:
      return available < rule.header ? 0 : stream_size_via_code(rule, bytes);
    case SizeKind::kWasmArray: return wasm_array_size(map, bytes, available);
    case SizeKind::kWasmStruct:
      // WasmStruct::EncodeInstanceSizeInMap: bytes in the two bytes after the instance size.
      return heap_.read<uint16_t>(map.map, fields_.instance_size_in_words.offset(), "struct size")
          .value_or(0);
  }
  return 0;
}

uint64_t MapTable::until_next_map(const std::byte* bytes, uint64_t available, uint64_t header) {
  for (uint64_t at = header; at + kWordBytes <= available; at += kWordBytes) {
    TaggedWord word;
    std::memcpy(&word, bytes + at, sizeof word);
    if (is_strong(word) && find(word) != nullptr) return at;
  }
  return available;
}

// V8 11.3: the stream's second word is its Code object, which has the instruction size and right
// after it the metadata size (objects/code.h). `plus` of the rule is the field in the Code object.
uint64_t MapTable::stream_size_via_code(const SizeRule& rule, const std::byte* bytes) const {
  TaggedWord code;
  std::memcpy(&code, bytes + rule.length.offset, sizeof code);
  const auto sizes = heap_.read<uint64_t>(untag(code), rule.plus.offset, "code sizes");
  if (!sizes) return 0;
  const uint64_t size = rule.header + (*sizes & 0xFFFFFFFF) + (*sizes >> 32);
  return (size + rule.align - 1) & ~(uint64_t{rule.align} - 1);
}

uint64_t MapTable::wasm_array_size(const MapInfo& map, const std::byte* bytes,
                                   uint64_t available) const {
  const auto element =
      heap_.read(map.map, fields_.in_object_start_or_constructor_index, "wasm element size");
  if (!element) return 0;
  SizeRule rule = map.type->size;
  rule.element = *element;
  return linear_size(rule, bytes, available);
}

}  // namespace corewalk::v8
