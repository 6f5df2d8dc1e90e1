#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/census.h"
#include "base/progress.h"
#include "graph/flat_array.h"
#include "v8/heap.h"

namespace corewalk {

/// Number of an object in an ObjectIndex.
using ObjectNumber = uint32_t;
inline constexpr ObjectNumber kNoObject = ~ObjectNumber{0};

/// The objects of some isolates, numbered without gaps in order of their addresses: a bit for each
/// word of the heap that an object begins at, and how many bits are set before each 64 of them.
/// About one byte an object; a look-up is a page and one cache line.
///
/// Free space and fillers are no objects. Immutable once built; keeps a reference to the Heap.
class ObjectIndex {
 public:
  /// Goes over all pages of `isolate` (all isolates if absent) and those that isolates share.
  [[nodiscard]] static ObjectIndex build(const v8::Heap& heap,
                                         std::optional<v8::IsolateIndex> isolate,
                                         Progress& progress);

  [[nodiscard]] const v8::Heap& heap() const { return *heap_; }
  [[nodiscard]] ObjectNumber size() const { return size_; }
  /// False if the user interrupted the walk: some objects are missing.
  [[nodiscard]] bool complete() const { return complete_; }
  /// What the bytes of the pages that were gone over are.
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

  /// The object that begins at `address`; kNoObject if none does.
  [[nodiscard]] ObjectNumber find(Address address) const {
    const uint32_t page = heap_->page_table().find(address);
    if (page == v8::PageTable::kNone) return kNoObject;
    return find_on(page, address);
  }
  /// The same, if the page (an index of Heap::pages()) that the address may lie on is known.
  [[nodiscard]] ObjectNumber find_on(uint32_t page, Address address) const {
    const PageStart& start = starts_[page];
    const uint64_t offset = address - start.begin;
    const uint64_t word = offset / v8::kWordBytes;
    if (address < start.begin || word >= start.words || offset % v8::kWordBytes != 0) {
      return kNoObject;
    }
    const Block& block = blocks_[start.first_block + word / kBitsPerBlock];
    const uint64_t bit = uint64_t{1} << (word % kBitsPerBlock);
    if ((block.bits() & bit) == 0) return kNoObject;
    return block.rank + static_cast<uint32_t>(std::popcount(block.bits() & (bit - 1)));
  }

  [[nodiscard]] Address address_of(ObjectNumber object) const;

  /// Goes through the objects in order of their numbers.
  class Cursor;

  /// Pages of the heap that objects of the index lie on, by index of Heap::pages().
  [[nodiscard]] std::span<const uint32_t> pages() const { return pages_; }
  /// The number of the first object behind the page at a place of pages().
  [[nodiscard]] ObjectNumber end_of(size_t place) const {
    return place + 1 < pages_.size() ? first_of(pages_[place + 1]) : size_;
  }
  /// The number of the first object of a page.
  [[nodiscard]] ObjectNumber first_of(uint32_t page) const {
    return blocks_[starts_[page].first_block].rank;
  }

 private:
  static constexpr uint64_t kBitsPerBlock = 64;

  /// Twelve bytes: 64 words of heap.
  struct Block {
    uint32_t low = 0;
    uint32_t high = 0;
    uint32_t rank = 0;
    [[nodiscard]] uint64_t bits() const { return low | uint64_t{high} << 32; }
  };
  struct PageStart {
    Address begin;
    uint64_t words = 0;  ///< 0: the page is not in the index
    uint64_t first_block = 0;
  };
  class Marker;

  explicit ObjectIndex(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate);
  void count();
  [[nodiscard]] size_t block_of(ObjectNumber object) const;
  [[nodiscard]] uint32_t page_of_block(uint64_t block) const;

  const v8::Heap* heap_;
  std::vector<uint32_t> pages_;
  std::vector<PageStart> starts_;
  FlatArray<Block> blocks_;
  ObjectNumber size_ = 0;
  bool complete_ = true;
  Coverage coverage_;
};

class ObjectIndex::Cursor {
 public:
  explicit Cursor(const ObjectIndex& index) : index_(&index) {}

  /// The address of an object; quick for one soon after the last.
  [[nodiscard]] Address at(ObjectNumber object) {
    if (object < next_ || object - next_ > kSteps) seek(object);
    while (next_ < object) (void)next();
    return next();
  }
  /// The next object is this one.
  void seek(ObjectNumber object);
  /// The address of the next object; there must be one.
  [[nodiscard]] Address next() {
    ++next_;
    while (bits_ == 0) {
      ++block_;
      if (block_ >= page_end_) enter_page_of(block_);
      bits_ = index_->blocks_[block_].bits();
    }
    const auto bit = static_cast<unsigned>(std::countr_zero(bits_));
    bits_ &= bits_ - 1;
    return begin_ + ((block_ - first_block_) * kBitsPerBlock + bit) * v8::kWordBytes;
  }

 private:
  void enter_page_of(uint64_t block);

  static constexpr ObjectNumber kSteps = 32;

  const ObjectIndex* index_;
  ObjectNumber next_ = kNoObject;
  uint64_t block_ = 0;
  uint64_t bits_ = 0;
  uint64_t first_block_ = 0;  // of the page
  uint64_t page_end_ = 0;
  Address begin_;
};

}  // namespace corewalk
