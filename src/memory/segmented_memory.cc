#include "memory/segmented_memory.h"

#include <algorithm>
#include <cassert>
#include <map>

namespace corewalk {
namespace {

using Piece = SegmentedMemory::Piece;
using PieceMap = std::map<Address, Piece>;  // by begin; disjoint

/// The part of `piece` that lies in `range`.
Piece cut(const Piece& piece, AddressRange range) {
  Piece part = piece;
  part.segment.range = piece.segment.range.intersect(range);
  if (part.bytes != nullptr) part.bytes += part.segment.range.begin() - piece.segment.range.begin();
  return part;
}

/// Lays `piece` over `map`: what it covers is dropped, what it covers in part is split. Adds at
/// most two entries, so n pieces cost O(n log n) however they overlap.
void lay_over(PieceMap& map, const Piece& piece) {
  const AddressRange range = piece.segment.range;
  if (range.empty()) return;
  auto it = map.upper_bound(range.begin());
  if (it != map.begin()) --it;
  while (it != map.end() && it->first < range.end()) {
    if (!it->second.segment.range.overlaps(range)) {
      ++it;
      continue;
    }
    const Piece old = it->second;
    it = map.erase(it);
    const AddressRange old_range = old.segment.range;
    if (old_range.begin() < range.begin()) {
      map.emplace(old_range.begin(), cut(old, {old_range.begin(), range.begin()}));
    }
    if (range.end() < old_range.end()) {
      map.emplace(range.end(), cut(old, {range.end(), old_range.end()}));
      break;
    }
  }
  map.emplace(range.begin(), piece);
}

bool is_continued_by(const Piece& low, const Piece& high) {
  if (low.segment.range.end() != high.segment.range.begin()) return false;
  if (low.bytes == nullptr || high.bytes == nullptr) return low.bytes == high.bytes;
  return low.bytes + low.segment.range.size() == high.bytes;
}

bool is_alike(const Segment& a, const Segment& b) {
  return a.residency == b.residency && a.readable == b.readable && a.writable == b.writable &&
         a.executable == b.executable && a.from_file == b.from_file;
}

}  // namespace

SegmentedMemory::SegmentedMemory(const std::vector<Piece>& pieces) {
  PieceMap map;
  for (const Piece& piece : pieces) {
    assert((piece.bytes != nullptr) == (piece.segment.residency == Residency::kPresent) ||
           piece.segment.range.empty());
    lay_over(map, piece);
  }

  std::vector<Piece> merged;
  for (const auto& [begin, piece] : map) {
    if (!merged.empty() && is_alike(merged.back().segment, piece.segment) &&
        is_continued_by(merged.back(), piece)) {
      Segment& low = merged.back().segment;
      low.range = {low.range.begin(), piece.segment.range.end()};
    } else {
      merged.push_back(piece);
    }
  }

  segments_.reserve(merged.size());
  begins_.reserve(merged.size());
  for (const Piece& piece : merged) {
    segments_.push_back(piece.segment);
    begins_.push_back(piece.segment.range.begin());
  }
  backing_.resize(merged.size());
  for (size_t i = merged.size(); i-- > 0;) {
    const bool goes_on = merged[i].bytes != nullptr && i + 1 < merged.size() &&
                         is_continued_by(merged[i], merged[i + 1]);
    backing_[i] = {merged[i].bytes, goes_on ? backing_[i + 1].run_end : segments_[i].range.end()};
  }
}

size_t SegmentedMemory::index_of(Address address) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), address);
  if (after == begins_.begin()) return segments_.size();
  const auto index = static_cast<size_t>(after - begins_.begin()) - 1;
  return address < segments_[index].range.end() ? index : segments_.size();
}

Result<ByteView> SegmentedMemory::view(AddressRange range) const {
  if (range.empty()) return ByteView(range.begin(), {});
  const size_t index = index_of(range.begin());
  if (index == segments_.size() || backing_[index].bytes == nullptr ||
      backing_[index].run_end < range.end()) {
    return first_missing(range, "memory");
  }
  const uint64_t offset = range.begin() - begins_[index];
  return ByteView(range.begin(), {backing_[index].bytes + offset, range.size()});
}

Result<ByteView> SegmentedMemory::view_prefix(Address start, uint64_t max_bytes) const {
  if (max_bytes == 0) return Fault{FaultKind::kOutOfBounds, start, "memory"};
  const size_t index = index_of(start);
  if (index == segments_.size() || backing_[index].bytes == nullptr) {
    return first_missing({start, uint64_t{1}}, "memory");
  }
  const uint64_t size = std::min(max_bytes, backing_[index].run_end - start);
  return ByteView(start, {backing_[index].bytes + (start - begins_[index]), size});
}

}  // namespace corewalk
