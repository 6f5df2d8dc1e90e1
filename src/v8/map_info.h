#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "v8/heap.h"

namespace corewalk::v8 {

/// The commonest SizeRule boiled down, since one object in three needs it: `header` bytes and
/// `element` bytes for each unit of the length, which is part of the word at `offset`.
struct ArraySize {
  uint16_t offset = 0;
  uint8_t shift = 0;
  uint32_t mask = 0;  ///< of the length, after the shift; 0: the rule is not of this form
  uint32_t header = 0;
  uint32_t element = 0;
  uint32_t align = 0;
};

/// What the walk needs to know of a Map, decoded once.
struct MapInfo {
  Address map;
  const TypeInfo* type = nullptr;
  uint32_t fixed_size_bytes = 0;  ///< 0: the size depends on the object
  ArraySize array;
  uint16_t instance_type = 0;
  TypeTag tag = TypeTag::kUnknown;
};

/// Decodes Maps and sizes objects by them. Safe for concurrent use.
class MapReader {
 public:
  explicit MapReader(const Heap& heap) : heap_(heap), fields_(heap.layout().map) {}

  [[nodiscard]] const Heap& heap() const { return heap_; }

  /// The Map that `word` points to, or absent if it does not point to a Map of a known type.
  [[nodiscard]] std::optional<MapInfo> decode(TaggedWord word) const;

  /// Size in bytes of the object that starts at `bytes`, of which `available` bytes can be read; 0
  /// if it cannot be found out. A result may exceed `available`.
  [[nodiscard]] uint64_t size_of(const MapInfo& map, const std::byte* bytes,
                                 uint64_t available) const {
    if (map.fixed_size_bytes != 0) return map.fixed_size_bytes;
    const ArraySize& array = map.array;
    if (array.mask != 0 && array.offset + kWordBytes <= available) {
      TaggedWord word;
      std::memcpy(&word, bytes + array.offset, sizeof word);
      return align_up(array.header + (word >> array.shift & array.mask) * array.element,
                      array.align);
    }
    const SizeRule& rule = map.type->size;
    return rule.kind == SizeKind::kLinear ? linear_size(rule, bytes, available)
                                          : special_size(map, bytes, available);
  }

 private:
  static ArraySize array_size(const SizeRule& rule);
  static uint64_t align_up(uint64_t size, uint64_t alignment) {
    return (size + alignment - 1) & ~(alignment - 1);
  }

  // Lengths are at most 32 bits and elements at most 16 bits, so nothing here can overflow.
  static uint64_t linear_size(const SizeRule& rule, const std::byte* bytes, uint64_t available) {
    const uint64_t length = (length_at(rule.length, bytes, available) & rule.mask) >> rule.shift;
    const uint64_t units = rule.per == 1 ? length : (length + rule.per - 1) / rule.per;
    uint64_t size = rule.header + units * rule.element;
    if (rule.plus.kind != LengthKind::kNone) {
      size += length_at(rule.plus, bytes, available) * rule.plus_element;
    }
    return align_up(size, rule.align);
  }

  static uint64_t length_at(const LengthField& field, const std::byte* bytes, uint64_t available) {
    uint64_t value = 0;
    const unsigned width = width_of(field.kind);
    if (field.offset + width > available) return 0;
    std::memcpy(&value, bytes + field.offset, width);
    return field.kind == LengthKind::kSmi ? value >> 32 : value;
  }

  static constexpr unsigned width_of(LengthKind kind) {
    switch (kind) {
      case LengthKind::kNone:
        return 0;
      case LengthKind::kSmi:
        return 8;
      case LengthKind::kUint32:
      case LengthKind::kInt32:
        return 4;
      case LengthKind::kUint16:
        return 2;
      case LengthKind::kUint8:
        return 1;
    }
    return 0;
  }

  [[nodiscard]] uint64_t special_size(const MapInfo& map, const std::byte* bytes,
                                      uint64_t available) const;
  [[nodiscard]] uint64_t until_next_map(const std::byte* bytes, uint64_t available,
                                        uint64_t header) const;
  [[nodiscard]] uint64_t stream_size_via_code(const SizeRule& rule, const std::byte* bytes) const;
  [[nodiscard]] uint64_t wasm_struct_size(const MapInfo& map) const;
  [[nodiscard]] uint64_t wasm_array_size(const MapInfo& map, const std::byte* bytes,
                                         uint64_t available) const;

  const Heap& heap_;
  const MapFields& fields_;
};

}  // namespace corewalk::v8
