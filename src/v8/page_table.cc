#include "v8/page_table.h"

#include <bit>

namespace corewalk::v8 {

PageTable::PageTable(std::span<const HeapPage> pages) {
  const auto granules_of = [](const HeapPage& page) {
    return std::pair{page.area.begin().value() >> kGranuleBits,
                     (page.area.end() - 1).value() >> kGranuleBits};
  };
  uint64_t total = 0;
  for (const HeapPage& page : pages) {
    const auto [first, last] = granules_of(page);
    total += last - first + 1;
  }
  const uint64_t capacity = std::bit_ceil(total * 2 + 2);
  slots_.assign(capacity, {});
  mask_ = capacity - 1;
  for (uint32_t i = 0; i < pages.size(); ++i) {
    const auto [first, last] = granules_of(pages[i]);
    for (uint64_t granule = first; granule <= last; ++granule) insert(granule, i);
  }
}

void PageTable::insert(uint64_t granule, uint32_t page) {
  uint64_t slot = hash(granule);
  while (slots_[slot].page != kNone) {
    if (slots_[slot].granule == granule) return;  // overlapping pages: the first one stays
    slot = (slot + 1) & mask_;
  }
  slots_[slot] = {granule, page};
}

}  // namespace corewalk::v8
