#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "v8/heap.h"

namespace corewalk {

/// One bit per word of heap: whether a backing store has found its owner. 1/64 of the heap.
/// Thread-safe.
class ClaimBitmap {
 public:
  explicit ClaimBitmap(const v8::Heap& heap) : heap_(heap) {
    offsets_.reserve(heap.pages().size());
    uint64_t words = 0;
    for (const v8::HeapPage& page : heap.pages()) {
      offsets_.push_back(words);
      words += page.area.size() / v8::kWordBytes / kBitsPerWord + 1;
    }
    bits_ = std::vector<std::atomic<uint64_t>>(words);
  }

  /// True for the first caller with this address. `page` is the page of the heap that holds it.
  [[nodiscard]] bool claim(const v8::HeapPage& page, Address store) {
    const uint64_t word = (store - page.area.begin()) / v8::kWordBytes;
    const auto index = static_cast<size_t>(&page - heap_.pages().data());
    const uint64_t bit = uint64_t{1} << (word % kBitsPerWord);
    std::atomic<uint64_t>& cell = bits_[offsets_[index] + word / kBitsPerWord];
    return (cell.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
  }

 private:
  static constexpr uint64_t kBitsPerWord = 64;

  const v8::Heap& heap_;
  std::vector<uint64_t> offsets_;  // first bitmap word of each page
  std::vector<std::atomic<uint64_t>> bits_;
};

}  // namespace corewalk
