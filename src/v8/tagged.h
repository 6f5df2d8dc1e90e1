#pragma once

#include <cstdint>

#include "base/address.h"
#include "v8/layout.h"

namespace corewalk::v8 {

/// How a 64-bit word holds a value where pointers are not compressed: low bit 0 = Smi (value in
/// the upper half), low bits 01 = strong pointer, 11 = weak pointer (include/v8-internal.h).
[[nodiscard]] constexpr bool is_smi(TaggedWord word) { return (word & 1) == 0; }
[[nodiscard]] constexpr bool is_strong(TaggedWord word) { return (word & 3) == 1; }
[[nodiscard]] constexpr bool is_weak(TaggedWord word) { return (word & 3) == 3; }
[[nodiscard]] constexpr int32_t smi_value(TaggedWord word) {
  return static_cast<int32_t>(static_cast<int64_t>(word) >> 32);
}
/// Address of the object a strong or weak pointer points to.
[[nodiscard]] constexpr Address untag(TaggedWord word) { return Address(word & ~uint64_t{3}); }
[[nodiscard]] constexpr TaggedWord tag(Address object) { return object.value() | 1; }

constexpr uint64_t kWordBytes = 8;

}  // namespace corewalk::v8
