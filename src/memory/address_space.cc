#include "memory/address_space.h"

#include <algorithm>
#include <cstring>

namespace corewalk {
namespace {

FaultKind to_fault(Residency residency) {
  switch (residency) {
    case Residency::kUnmapped:
      return FaultKind::kUnmapped;
    case Residency::kNotInCore:
      return FaultKind::kNotInCore;
    case Residency::kTruncated:
      return FaultKind::kTruncated;
    case Residency::kPresent:
      return FaultKind::kScattered;
  }
  return FaultKind::kUnmapped;
}

}  // namespace

const Segment* AddressSpace::find_segment(Address address) const {
  const std::span<const Segment> all = segments();
  const auto after =
      std::upper_bound(all.begin(), all.end(), address,
                       [](Address a, const Segment& segment) { return a < segment.range.begin(); });
  if (after == all.begin()) return nullptr;
  const Segment& candidate = *std::prev(after);
  return candidate.range.contains(address) ? &candidate : nullptr;
}

Residency AddressSpace::residency(Address address) const {
  const Segment* segment = find_segment(address);
  return segment == nullptr ? Residency::kUnmapped : segment->residency;
}

Fault AddressSpace::first_missing(AddressRange range, const char* reading) const {
  Address cursor = range.begin();
  while (cursor < range.end()) {
    const Segment* segment = find_segment(cursor);
    if (segment == nullptr) return {FaultKind::kUnmapped, cursor, reading};
    if (segment->residency != Residency::kPresent) {
      return {to_fault(segment->residency), cursor, reading};
    }
    cursor = segment->range.end();
  }
  return {FaultKind::kScattered, range.begin(), reading};
}

uint64_t AddressSpace::read_partial(AddressRange range, std::span<std::byte> out) const {
  std::fill(out.begin(), out.end(), std::byte{0});
  const uint64_t size = std::min<uint64_t>(range.size(), out.size());
  const Address end = range.begin() + size;
  uint64_t present = 0;
  Address cursor = range.begin();
  while (cursor < end) {
    const Result<ByteView> piece = view_prefix(cursor, end - cursor);
    if (piece) {
      std::memcpy(out.data() + (cursor - range.begin()), piece->data(), piece->size());
      present += piece->size();
      cursor = cursor + piece->size();
      continue;
    }
    cursor = next_present(cursor, end);
  }
  return present;
}

Address AddressSpace::next_present(Address from, Address limit) const {
  const std::span<const Segment> all = segments();
  // The first segment that ends above `from`.
  auto next = std::upper_bound(all.begin(), all.end(), from, [](Address a, const Segment& segment) {
    return a < segment.range.end();
  });
  for (; next != all.end() && next->range.begin() < limit; ++next) {
    // A segment that holds `from` itself failed to be read, whatever it says: go past it.
    if (next->residency == Residency::kPresent && from < next->range.begin()) {
      return next->range.begin();
    }
  }
  return limit;
}

}  // namespace corewalk
