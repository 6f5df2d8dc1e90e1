#pragma once

#include <vector>

#include "memory/address_space.h"

namespace corewalk {

/// AddressSpace over pieces of memory of ours: the mmapped core file, the executable's file pages,
/// or bytes made by a test. Does not own the bytes.
class SegmentedMemory : public AddressSpace {
 public:
  struct Piece {
    Segment segment;
    /// Bytes of the piece; exactly segment.range.size() long if residency is kPresent, else null.
    const std::byte* bytes = nullptr;
  };

  /// Pieces may come in any order; where two overlap, the later one wins (an overlay).
  explicit SegmentedMemory(std::vector<Piece> pieces);

  [[nodiscard]] Result<ByteView> view(AddressRange range) const override;
  [[nodiscard]] Result<ByteView> view_prefix(Address start, uint64_t max_bytes) const override;
  [[nodiscard]] std::span<const Segment> segments() const override { return segments_; }

 private:
  [[nodiscard]] size_t index_of(Address address) const;

  std::vector<Segment> segments_;           // ascending, disjoint
  std::vector<const std::byte*> bytes_;     // parallel to segments_
};

}  // namespace corewalk
