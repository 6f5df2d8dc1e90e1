#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "v8/heap_page.h"

namespace corewalk::v8 {

/// Address -> page index in O(1). Every 256 KiB granule that a page covers has an entry, so objects
/// far into a large page are found too. Open addressing over a power-of-two table, at most half
/// full.
class PageTable {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  static constexpr unsigned kGranuleBits = 18;

  PageTable() = default;
  explicit PageTable(std::span<const HeapPage> pages);

  [[nodiscard]] uint32_t find(Address address) const {
    const uint64_t granule = address.value() >> kGranuleBits;
    for (uint64_t slot = hash(granule);; slot = (slot + 1) & mask_) {
      const Slot& entry = slots_[slot];
      if (entry.page == kNone || entry.granule == granule) return entry.page;
    }
  }

 private:
  struct Slot {
    uint64_t granule = 0;
    uint32_t page = kNone;
  };
  [[nodiscard]] uint64_t hash(uint64_t granule) const {
    return (granule * 0x9E3779B97F4A7C15ULL >> 32) & mask_;
  }
  void insert(uint64_t granule, uint32_t page);

  std::vector<Slot> slots_ = std::vector<Slot>(2);
  uint64_t mask_ = 1;
};

}  // namespace corewalk::v8
