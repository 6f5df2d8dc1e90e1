#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "v8/heap.h"

namespace corewalk {

/// Which backing stores the walk has come by, and which have found their owner: two bits for each
/// 16 bytes of heap (no two stores begin in the same 16 bytes), together 1/64 of it.
///
/// An object that is dead may point to a store whose memory was freed, or overwritten by damage,
/// and still reads like one. Only a store that the walk itself comes by counts for its owner.
/// Thread-safe as long as each page is walked by one thread.
class ClaimBitmap {
 public:
  explicit ClaimBitmap(const v8::Heap& heap) : heap_(heap) {
    offsets_.reserve(heap.pages().size());
    uint64_t words = 0;
    for (const v8::HeapPage& page : heap.pages()) {
      offsets_.push_back(words);
      words += page.area.size() / kGranuleBytes / kBitsPerWord + 1;
    }
    claimed_ = std::vector<std::atomic<uint64_t>>(words);
    walked_ = std::vector<uint64_t>(words);
  }

  /// Notes that the walk of `page` came by a store.
  void mark_walked(const v8::HeapPage& page, Address store) {
    if (restricted_) return;
    const Place place = place_of(page, store);
    walked_[place.word] |= place.bit;
  }

  /// True for the first caller with this address. `page` is the page of the heap that holds it.
  [[nodiscard]] bool claim(const v8::HeapPage& page, Address store) {
    const Place place = place_of(page, store);
    if (restricted_ && (walked_[place.word] & place.bit) == 0) return false;
    return (claimed_[place.word].fetch_or(place.bit, std::memory_order_relaxed) & place.bit) == 0;
  }

  /// After a walk: true if something was claimed that the walk never came by. All claims are then
  /// forgotten, and from now on only what was walked can be claimed: the walk has to be repeated.
  [[nodiscard]] bool restrict_to_walked() {
    bool astray = false;
    for (size_t i = 0; i < walked_.size() && !astray; ++i) {
      astray = (claimed_[i].load(std::memory_order_relaxed) & ~walked_[i]) != 0;
    }
    if (!astray) return false;
    for (auto& word : claimed_) word.store(0, std::memory_order_relaxed);
    restricted_ = true;
    return true;
  }

 private:
  static constexpr uint64_t kGranuleBytes = 16;
  static constexpr uint64_t kBitsPerWord = 64;

  struct Place {
    size_t word;
    uint64_t bit;
  };
  [[nodiscard]] Place place_of(const v8::HeapPage& page, Address store) const {
    const uint64_t granule = (store - page.area.begin()) / kGranuleBytes;
    const auto index = static_cast<size_t>(&page - heap_.pages().data());
    return {offsets_[index] + granule / kBitsPerWord, uint64_t{1} << (granule % kBitsPerWord)};
  }

  const v8::Heap& heap_;
  std::vector<uint64_t> offsets_;  // first bitmap word of each page
  std::vector<std::atomic<uint64_t>> claimed_;
  std::vector<uint64_t> walked_;
  bool restricted_ = false;
};

}  // namespace corewalk
