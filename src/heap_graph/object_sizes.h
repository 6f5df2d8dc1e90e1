#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>

#include "graph/flat_array.h"
#include "v8/tagged.h"

namespace corewalk {

/// The size of each object of an index, in words, two bytes each: the few that need more lie aside.
class ObjectSizes {
 public:
  ObjectSizes() = default;
  explicit ObjectSizes(size_t count) : words_(count, 0) {}

  [[nodiscard]] uint64_t bytes(uint32_t object) const {
    const uint16_t words = words_[object];
    return words != kElsewhere ? words * v8::kWordBytes : large_.at(object);
  }
  /// True if the size has room. Safe for concurrent use with other objects.
  [[nodiscard]] bool set_small(uint32_t object, uint64_t bytes) {
    const bool small = bytes / v8::kWordBytes < kElsewhere && bytes % v8::kWordBytes == 0;
    words_[object] = small ? static_cast<uint16_t>(bytes / v8::kWordBytes) : kElsewhere;
    return small;
  }
  /// For what set_small() had no room for; one after the other.
  void set_large(uint32_t object, uint64_t bytes) { large_[object] = bytes; }

 private:
  static constexpr uint16_t kElsewhere = std::numeric_limits<uint16_t>::max();

  FlatArray<uint16_t> words_;
  std::unordered_map<uint32_t, uint64_t> large_;
};

}  // namespace corewalk
