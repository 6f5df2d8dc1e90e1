#include "report/snapshot_ids.h"

#include <algorithm>
#include <cassert>

#include "base/failure.h"

namespace corewalk {
namespace {

constexpr unsigned kGranuleBits = 18;
constexpr unsigned kWordBits = 3;
// An id has one bit more, odd or even, and the last cell's even one has to fit.
constexpr uint64_t kMaxCells = (uint64_t{1} << 31) - 1;

uint64_t granules_of(const SnapshotPage& page) {
  if (page.large) return 1;
  return std::max<uint64_t>(
      1, (page.range.size() + (uint64_t{1} << kGranuleBits) - 1) >> kGranuleBits);
}

uint64_t cells_of(uint64_t granules, unsigned cell_bits) {
  return SnapshotIds::kRootIds + (granules << (kGranuleBits - cell_bits));
}

}  // namespace

SnapshotIds::SnapshotIds(std::span<const SnapshotPage> pages)
    : pages_(pages.begin(), pages.end()), cell_bits_(kWordBits) {
  uint64_t granules = 0;
  first_granule_.reserve(pages_.size() + 1);
  for (const SnapshotPage& page : pages_) {
    first_granule_.push_back(static_cast<uint32_t>(granules));
    granules += granules_of(page);
    if (cells_of(granules, kWordBits + 1) > kMaxCells) {
      throw Failure(ExitCode::kUsage,
                    "The heap is larger than 32 GiB: a .heapsnapshot has not "
                    "enough numbers for its objects.");
    }
  }
  first_granule_.push_back(static_cast<uint32_t>(granules));
  if (cells_of(granules, kWordBits) > kMaxCells) cell_bits_ = kWordBits + 1;
}

uint32_t SnapshotIds::object_id(size_t page, Address address) const {
  assert(page < pages_.size() && pages_[page].range.contains(address));
  const uint64_t first = uint64_t{first_granule_[page]} << kGranuleBits;
  const uint64_t cell = kRootIds + ((first + (address - pages_[page].range.begin())) >> cell_bits_);
  assert(cell < cells_of(first_granule_[page + 1], cell_bits_));
  return static_cast<uint32_t>(2 * cell + 1);
}

std::optional<SnapshotIds::Place> SnapshotIds::find(uint32_t id) const {
  // 2 * cell + 1 of an object, one more of what it has outside the heap.
  if (id == 0) return {};
  const uint64_t cell = (uint64_t{id} - 1) / 2;
  if (cell < kRootIds) return {};
  const uint64_t offset = (cell - kRootIds) << cell_bits_;
  const auto granule = static_cast<uint32_t>(offset >> kGranuleBits);
  if (granule >= first_granule_.back()) return {};
  const auto after = std::upper_bound(first_granule_.begin(), first_granule_.end(), granule);
  const auto page = static_cast<size_t>(after - first_granule_.begin()) - 1;
  const uint64_t in_page = offset - (uint64_t{first_granule_[page]} << kGranuleBits);
  if (in_page >= pages_[page].range.size()) return {};
  return Place{AddressRange(pages_[page].range.begin() + in_page, uint64_t{1} << cell_bits_),
               id % 2 == 0};
}

}  // namespace corewalk
