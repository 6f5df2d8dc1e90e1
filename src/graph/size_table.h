#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "graph/flat_array.h"
#include "graph/prefetch.h"

namespace corewalk {

/// A size in bytes for each of many things, in four bytes each: the few that need more lie aside.
class SizeTable {
 public:
  SizeTable() = default;
  /// All sizes are 0.
  explicit SizeTable(size_t count) : sizes_(count, 0) {}

  void read_ahead(size_t index) const { prefetch(sizes_.data() + index); }

  [[nodiscard]] size_t count() const { return sizes_.size(); }

  [[nodiscard]] uint64_t operator[](size_t index) const {
    const uint32_t size = sizes_[index];
    return size != kElsewhere ? size : large_.at(static_cast<uint32_t>(index));
  }

  void set(size_t index, uint64_t size) {
    if (sizes_[index] == kElsewhere) large_.erase(static_cast<uint32_t>(index));
    if (size < kElsewhere) {
      sizes_[index] = static_cast<uint32_t>(size);
    } else {
      sizes_[index] = kElsewhere;
      large_[static_cast<uint32_t>(index)] = size;
    }
  }

  void add(size_t index, uint64_t size) {
    const uint64_t sum = sizes_[index] + size;  // cannot wrap: a target has no such sizes
    if (sizes_[index] != kElsewhere && sum < kElsewhere) {
      sizes_[index] = static_cast<uint32_t>(sum);
    } else {
      set(index, (*this)[index] + size);
    }
  }

 private:
  static constexpr uint32_t kElsewhere = std::numeric_limits<uint32_t>::max();

  FlatArray<uint32_t> sizes_;
  std::unordered_map<uint32_t, uint64_t> large_;
};

}  // namespace corewalk
