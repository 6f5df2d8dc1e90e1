#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "graph/flat_array.h"
#include "graph/prefetch.h"

namespace corewalk {

/// A size in bytes for each of many things, in a Cell each: the few that need more lie aside.
template <typename Cell>
class BasicSizeTable {
 public:
  BasicSizeTable() = default;
  /// All sizes are 0.
  explicit BasicSizeTable(size_t count) : sizes_(count, 0) {}

  void read_ahead(size_t index) const { prefetch(sizes_.data() + index); }

  [[nodiscard]] size_t count() const { return sizes_.size(); }

  [[nodiscard]] uint64_t operator[](size_t index) const {
    const Cell size = sizes_[index];
    return size != kElsewhere ? size : large_.at(static_cast<uint32_t>(index));
  }

  void set(size_t index, uint64_t size) {
    if (sizes_[index] == kElsewhere) large_.erase(static_cast<uint32_t>(index));
    if (!set_small(index, size)) large_[static_cast<uint32_t>(index)] = size;
  }

  /// True if a cell has room for the size; else set() must follow, one after the other. Safe for
  /// concurrent use with other indices.
  [[nodiscard]] bool set_small(size_t index, uint64_t size) {
    const bool small = size < kElsewhere;
    sizes_[index] = small ? static_cast<Cell>(size) : kElsewhere;
    return small;
  }

  void add(size_t index, uint64_t size) {
    const uint64_t sum = sizes_[index] + size;  // cannot wrap: a target has no such sizes
    if (sizes_[index] != kElsewhere && sum < kElsewhere) {
      sizes_[index] = static_cast<Cell>(sum);
    } else {
      set(index, (*this)[index] + size);
    }
  }

 private:
  static constexpr Cell kElsewhere = std::numeric_limits<Cell>::max();

  FlatArray<Cell> sizes_;
  std::unordered_map<uint32_t, uint64_t> large_;
};

/// For sizes that do not overlap: a heap has no room for many large ones.
using SizeTable = BasicSizeTable<uint16_t>;
/// For sizes one within another: each node of a long list may retain all that follow.
using SumTable = BasicSizeTable<uint32_t>;

}  // namespace corewalk
