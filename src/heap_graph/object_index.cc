#include "heap_graph/object_index.h"

#include <algorithm>
#include <limits>

#include "analysis/page_loop.h"
#include "base/failure.h"
#include "v8/page_walker.h"

namespace corewalk {

/// A visitor of PageWalker that sets a bit for each object, and keeps the account of the pages.
class ObjectIndex::Marker {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  explicit Marker(ObjectIndex& index) : index_(index), maps_(index.heap()) {}

  void walk(uint32_t page) {
    const PageStart& start = index_.starts_[page];
    begin_ = start.begin;
    blocks_ = index_.blocks_.data() + start.first_block;
    ++coverage_.pages;
    coverage_.page_bytes += index_.heap().pages()[page].area.size();
    v8::PageWalker<Marker>(index_.heap().pages()[page], maps_, *this).walk();
  }

  void object(Address address, const Maps::Entry& map, uint64_t size, const std::byte* /*bytes*/) {
    if (v8::is_free(map.info.tag)) {
      const bool is_filler = map.info.tag == v8::TypeTag::kFiller;
      (is_filler ? coverage_.filler_bytes : coverage_.free_bytes) += size;
      return;
    }
    coverage_.object_bytes += size;
    const uint64_t word = (address - begin_) / v8::kWordBytes;
    Block& block = blocks_[word / kBitsPerBlock];
    const auto bit = static_cast<unsigned>(word % kBitsPerBlock);
    (bit < 32 ? block.low : block.high) |= uint32_t{1} << (bit % 32);
  }
  void gap(AddressRange range, v8::GapLabel label) { coverage_.add_gap(range.size(), label); }

  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  ObjectIndex& index_;
  Maps maps_;
  Address begin_;
  Block* blocks_ = nullptr;
  Coverage coverage_;
};

ObjectIndex::ObjectIndex(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate)
    : heap_(&heap) {
  uint64_t blocks = 0;
  const auto all = heap.pages();
  for (uint32_t i = 0; i < all.size(); ++i) {
    const v8::HeapPage& page = all[i];
    const bool wanted = !isolate || page.isolate == *isolate || page.isolate == v8::kSharedByAll;
    PageStart start{.begin = page.area.begin(), .words = 0, .first_block = blocks};
    if (wanted) {
      start.words = page.area.size() / v8::kWordBytes;
      blocks += start.words / kBitsPerBlock + 1;
      pages_.push_back(i);
    }
    starts_.push_back(start);
  }
  blocks_ = FlatArray<Block>(blocks + 1, Block());
}

ObjectIndex ObjectIndex::build(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate,
                               Progress& progress) {
  ObjectIndex index(heap, isolate);
  tbb::enumerable_thread_specific<Marker> markers([&] { return Marker(index); });
  progress.begin("finding objects", index.pages_.size());
  for_each_page(index.pages_.size(), markers, progress,
                [&](Marker& marker, size_t i) { marker.walk(index.pages_[i]); });
  progress.end();
  index.complete_ = !progress.interrupted();
  for (const Marker& marker : markers) index.coverage_.add(marker.coverage());
  index.count();
  return index;
}

void ObjectIndex::count() {
  uint64_t rank = 0;
  for (Block& block : blocks_) {
    block.rank = static_cast<uint32_t>(rank);
    rank += static_cast<unsigned>(std::popcount(block.bits()));
  }
  if (rank >= std::numeric_limits<uint32_t>::max() / 2) {
    throw Failure(ExitCode::kUnsupported, "the heap has more objects than can be numbered");
  }
  size_ = static_cast<ObjectNumber>(rank);
}

size_t ObjectIndex::block_of(ObjectNumber object) const {
  const auto block = std::prev(std::upper_bound(
      blocks_.begin(), blocks_.end(), object,
      [](ObjectNumber number, const Block& entry) { return number < entry.rank; }));
  return static_cast<size_t>(block - blocks_.begin());
}

uint32_t ObjectIndex::page_of_block(uint64_t block) const {
  return *std::prev(std::upper_bound(
      pages_.begin(), pages_.end(), block,
      [&](uint64_t number, uint32_t entry) { return number < starts_[entry].first_block; }));
}

Address ObjectIndex::address_of(ObjectNumber object) const {
  Cursor cursor(*this);
  cursor.seek(object);
  return cursor.next();
}

void ObjectIndex::Cursor::seek(ObjectNumber object) {
  next_ = object;
  block_ = index_->block_of(object);
  enter_page_of(block_);
  bits_ = index_->blocks_[block_].bits();
  for (ObjectNumber skip = object - index_->blocks_[block_].rank; skip != 0; --skip) {
    bits_ &= bits_ - 1;
  }
}

void ObjectIndex::Cursor::enter_page_of(uint64_t block) {
  const uint32_t page = index_->page_of_block(block);
  const PageStart& start = index_->starts_[page];
  begin_ = start.begin;
  first_block_ = start.first_block;
  page_end_ = start.first_block + start.words / kBitsPerBlock + 1;
}

}  // namespace corewalk
