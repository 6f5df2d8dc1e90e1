#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "graph/flat_array.h"
#include "graph/node_id.h"
#include "graph/prefetch.h"

namespace corewalk {

/// A distance for each node, in two bytes: those that a range has no room for, as on a list of many
/// thousands, take four more.
class DistanceTable {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  /// Distances from `base` on.
  struct Range {
    uint32_t base;
    uint32_t count;  ///< with two bytes
  };

  DistanceTable() = default;
  /// All are kNone. The counts of `ranges`, which are in ascending order, must leave two codes.
  DistanceTable(size_t count, std::array<Range, 3> ranges)
      : ranges_(ranges), codes_(count, kNoCode) {}

  void set(NodeId node, uint32_t distance) {
    uint32_t code = 0;
    for (const Range& range : ranges_) {
      if (distance - range.base < range.count) {
        codes_[node] = static_cast<uint16_t>(code + (distance - range.base));
        return;
      }
      code += range.count;
    }
    if (distance == kNone) {
      codes_[node] = kNoCode;
      return;
    }
    if (wide_.empty()) wide_ = FlatArray<uint32_t>(codes_.size());
    codes_[node] = kWide;
    wide_[node] = distance;
  }

  [[nodiscard]] uint32_t operator[](NodeId node) const {
    const uint16_t code = codes_[node];
    if (code == kNoCode) return kNone;
    if (code == kWide) return wide_[node];
    uint32_t place = code;
    for (const Range& range : ranges_) {
      if (place < range.count) return range.base + place;
      place -= range.count;
    }
    return kNone;
  }

  void read_ahead(NodeId node) const { prefetch(codes_.data() + node); }

 private:
  static constexpr uint16_t kNoCode = std::numeric_limits<uint16_t>::max();
  static constexpr uint16_t kWide = kNoCode - 1;

  std::array<Range, 3> ranges_{};
  FlatArray<uint16_t> codes_;
  FlatArray<uint32_t> wide_;  ///< made, and written to, for what is kWide
};

}  // namespace corewalk
