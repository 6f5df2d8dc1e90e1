#pragma once

#include <vector>

#include "memory/address_space.h"

namespace corewalk {

/// AddressSpace over pieces of memory of ours: the mmapped core file, the executable's file pages,
/// or bytes made by a test. Does not own the bytes. Immutable, so safe for concurrent readers.
class SegmentedMemory : public AddressSpace {
 public:
  struct Piece {
    Segment segment;
    /// Bytes of the piece; exactly segment.range.size() long if residency is kPresent, else null.
    const std::byte* bytes = nullptr;
  };

  /// Pieces may come in any order; where two overlap, the later one wins (an overlay). Pieces that
  /// are alike, adjacent, and adjacent in their bytes too become one segment.
  explicit SegmentedMemory(const std::vector<Piece>& pieces);

  /// A view may run over the border of two segments if the bytes lie in sequence on both sides.
  [[nodiscard]] Result<ByteView> view(AddressRange range) const override;
  [[nodiscard]] Result<ByteView> view_prefix(Address start, uint64_t max_bytes) const override;
  [[nodiscard]] std::span<const Segment> segments() const override { return segments_; }

 private:
  /// Where a segment's bytes are, and how far they go on without a gap in both address and memory.
  struct Backing {
    const std::byte* bytes = nullptr;
    Address run_end;
  };

  /// Number of the segment that holds `address`, or segments_.size().
  [[nodiscard]] size_t index_of(Address address) const;

  std::vector<Segment> segments_;  // ascending, disjoint
  std::vector<Address> begins_;    // parallel: what the binary search touches
  std::vector<Backing> backing_;   // parallel
};

}  // namespace corewalk
