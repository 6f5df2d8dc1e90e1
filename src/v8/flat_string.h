#pragma once

#include <cstring>
#include <optional>

#include "v8/heap.h"

namespace corewalk::v8 {

/// The characters of a string where they lie, without copying. Valid as long as the heap's memory.
struct FlatString {
  const std::byte* chars = nullptr;
  uint64_t length = 0;  ///< UTF-16 code units
  bool one_byte = true;

  [[nodiscard]] uint64_t size_bytes() const { return one_byte ? length : length * 2; }
  [[nodiscard]] uint16_t unit(uint64_t index) const {
    if (one_byte) return std::to_integer<uint16_t>(chars[index]);
    uint16_t unit = 0;
    std::memcpy(&unit, chars + index * 2, sizeof unit);
    return unit;
  }
};

/// The characters of a sequential or an external string; those of a sliced string in its parent.
/// Absent if there is another kind of object, or the characters are not all in the core in one
/// piece.
[[nodiscard]] std::optional<FlatString> flat_string(const Heap& heap, Address string);
/// The same of a string whose instance type is known.
[[nodiscard]] std::optional<FlatString> flat_string(const Heap& heap, Address string,
                                                    uint16_t instance_type);

}  // namespace corewalk::v8
