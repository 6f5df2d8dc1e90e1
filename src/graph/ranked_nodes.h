#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "graph/flat_array.h"
#include "graph/node_bitmap.h"

namespace corewalk {

/// A set of nodes that is numbered without gaps, in ascending order: one and a half bits a node of
/// the graph, and a look-up is one cache line.
class RankedNodes {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  explicit RankedNodes(const NodeBitmap& set) : blocks_(set.words().size()) {
    Block* block = blocks_.data();
    for (const uint64_t word : set.words()) {
      *block++ = {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32), size_};
      size_ += static_cast<uint32_t>(std::popcount(word));
    }
  }

  [[nodiscard]] uint32_t size() const { return size_; }

  /// The place of a node in the set; kNone if it is not there.
  [[nodiscard]] uint32_t find(NodeId node) const {
    const Block& block = blocks_[node / NodeBitmap::kBitsPerWord];
    const uint64_t bits = block.low | uint64_t{block.high} << 32;
    const uint64_t bit = uint64_t{1} << (node % NodeBitmap::kBitsPerWord);
    if ((bits & bit) == 0) return kNone;
    return block.rank + static_cast<uint32_t>(std::popcount(bits & (bit - 1)));
  }

 private:
  struct Block {
    uint32_t low;
    uint32_t high;
    uint32_t rank;  ///< how many nodes of the set come before
  };
  FlatArray<Block> blocks_;
  uint32_t size_ = 0;
};

}  // namespace corewalk
