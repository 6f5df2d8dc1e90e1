#include "analysis/reference_index.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "analysis/page_loop.h"
#include "base/failure.h"
#include "v8/page_walker.h"

namespace corewalk {

using v8::FieldKind;
using v8::TaggedWord;
using v8::TypeTag;

namespace {

constexpr uint64_t kGranuleBytes = uint64_t{1} << v8::PageTable::kGranuleBits;

/// Objects without a tagged word behind their map.
bool is_raw(TypeTag tag, uint16_t instance_type) {
  if (tag == TypeTag::kString) {
    const auto representation = v8::string_representation(instance_type);
    return representation == v8::StringRepresentation::kSequential ||
           representation == v8::StringRepresentation::kExternal;
  }
  return v8::is_free(tag) || tag == TypeTag::kByteArray || tag == TypeTag::kFixedDoubleArray ||
         tag == TypeTag::kHeapNumber || tag == TypeTag::kBigInt;
}

}  // namespace

/// A visitor of PageWalker that files the references of the objects it comes by.
class ReferenceIndex::Collector {
 public:
  struct MapData {
    bool decided = false;
    bool raw = false;
  };
  using Maps = v8::MapTable<MapData>;

  explicit Collector(const ReferenceIndex& index)
      : index_(index), maps_(*index.heap_), lists_(index.granule_count_) {}

  void walk(const v8::HeapPage& page) {
    first_word_ = index_.first_word_[static_cast<size_t>(&page - index_.heap_->pages().data())];
    page_ = &page;
    v8::PageWalker<Collector>(page, maps_, *this).walk();
  }
  [[nodiscard]] Lists take() { return std::move(lists_); }

  void object(Address address, Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (!map.data.decided) {
      map.data.decided = true;
      map.data.raw = is_raw(map.info.tag, map.info.instance_type);
    }
    if (map.data.raw) return;
    const uint64_t first = first_word_ + (address - page_->area.begin()) / v8::kWordBytes;
    for (uint64_t at = v8::kWordBytes; at + v8::kWordBytes <= size; at += v8::kWordBytes) {
      TaggedWord word;
      std::memcpy(&word, bytes + at, sizeof word);
      if (v8::is_smi(word)) continue;
      const uint32_t granule = granule_of(v8::untag(word));
      if (granule == kNotIndexed) continue;
      lists_.add(granule, static_cast<uint32_t>(first + at / v8::kWordBytes));
    }
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  // Neighbouring references tend to go to the same few places.
  uint32_t granule_of(Address target) {
    const uint64_t key = target.value() >> v8::PageTable::kGranuleBits;
    Known& known = known_[key % kKnown];
    if (known.key != key) known = {key, index_.granule_of(target)};
    return known.granule;
  }

  static constexpr size_t kKnown = 64;
  struct Known {
    uint64_t key = 0;
    uint32_t granule = kNotIndexed;
  };

  const ReferenceIndex& index_;
  Maps maps_;
  Lists lists_;
  const v8::HeapPage* page_ = nullptr;
  uint64_t first_word_ = 0;
  std::array<Known, kKnown> known_;
};

void ReferenceIndex::Lists::add(uint32_t granule, uint32_t word) {
  uint32_t& head = heads[granule];
  if (head == Chunk::kNone || chunk(head).count == std::tuple_size_v<decltype(Chunk::words)>) {
    if (chunk_count % kChunksPerBlock == 0) {
      // Not value-initialised: the words of a chunk are written before they count.
      blocks.emplace_back(new std::array<Chunk, kChunksPerBlock>);
    }
    Chunk& fresh = chunk(chunk_count);
    fresh.next = head;
    fresh.count = 0;
    head = chunk_count++;
  }
  Chunk& last = chunk(head);
  last.words[last.count++] = word;
  ++word_count;
}

ReferenceIndex::ReferenceIndex(const v8::Heap& heap) : heap_(&heap) {
  uint64_t words = 0;
  for (const v8::HeapPage& page : heap.pages()) {
    first_word_.push_back(words);
    first_granule_.push_back(page.read_only ? kNotIndexed : granule_count_);
    words += page.area.size() / v8::kWordBytes;
    const uint64_t first = page.area.begin().value() / kGranuleBytes;
    const uint64_t last = (page.area.end().value() - 1) / kGranuleBytes;
    if (!page.read_only) granule_count_ += static_cast<uint32_t>(last - first + 1);
  }
  if (words > std::numeric_limits<uint32_t>::max()) {
    throw Failure(ExitCode::kUnsupported,
                  "the heap is larger than the 32 GB that references can be "
                  "looked up in");
  }
}

ReferenceIndex ReferenceIndex::build(const v8::Heap& heap, Progress& progress) {
  ReferenceIndex index(heap);
  const auto pages = heap.pages();
  tbb::enumerable_thread_specific<Collector> collectors([&] { return Collector(index); });
  progress.begin("indexing references", pages.size());
  for_each_page(pages.size(), collectors, progress,
                [&](Collector& collector, size_t i) { collector.walk(pages[i]); });
  progress.end();
  index.complete_ = !progress.interrupted();
  for (Collector& collector : collectors) index.lists_.push_back(collector.take());
  return index;
}

uint64_t ReferenceIndex::size() const {
  uint64_t sum = 0;
  for (const Lists& lists : lists_) sum += lists.word_count;
  return sum;
}

uint32_t ReferenceIndex::granule_of(Address target) const {
  const uint32_t index = heap_->page_table().find(target);
  if (index == v8::PageTable::kNone || first_granule_[index] == kNotIndexed) return kNotIndexed;
  const v8::HeapPage& page = heap_->pages()[index];
  if (!page.area.contains(target)) return kNotIndexed;
  return first_granule_[index] + static_cast<uint32_t>(target.value() / kGranuleBytes -
                                                       page.area.begin().value() / kGranuleBytes);
}

Address ReferenceIndex::address_of(uint32_t word) const {
  const auto after = std::upper_bound(first_word_.begin(), first_word_.end(), uint64_t{word});
  const auto page = static_cast<size_t>(after - first_word_.begin()) - 1;
  return heap_->pages()[page].area.begin() + (word - first_word_[page]) * v8::kWordBytes;
}

std::vector<Reference> ReferenceIndex::to(Address target, uint64_t limit) const {
  std::vector<Reference> found;
  const uint32_t granule = granule_of(target);
  if (granule == kNotIndexed) return found;
  for (const Lists& lists : lists_) {
    for (uint32_t at = lists.heads[granule]; at != Chunk::kNone; at = lists.chunk(at).next) {
      const Chunk& chunk = lists.chunk(at);
      for (uint32_t i = 0; i < chunk.count; ++i) {
        const Address place = address_of(chunk.words[i]);
        const auto word = heap_->read<TaggedWord>(place, 0, "reference");
        if (!word || v8::untag(*word) != target) continue;
        found.push_back({.holder = place, .offset = 0, .weak = v8::is_weak(*word)});
      }
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Reference& a, const Reference& b) { return a.holder < b.holder; });
  if (limit != 0 && found.size() > limit) found.resize(limit);
  find_holders(found);
  return found;
}

namespace {

/// A visitor of PageWalker that turns the addresses of words, ascending, into objects and offsets.
class HolderFinder {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  HolderFinder(std::vector<Reference>::iterator next, std::vector<Reference>::iterator end)
      : next_(next), end_(end) {}

  void object(Address address, const Maps::Entry& /*map*/, uint64_t size,
              const std::byte* /*bytes*/) {
    for (; next_ != end_ && next_->holder < address + size; ++next_) {
      next_->offset = next_->holder - address;
      next_->holder = address;
    }
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

  [[nodiscard]] std::vector<Reference>::iterator next() const { return next_; }

 private:
  std::vector<Reference>::iterator next_;
  std::vector<Reference>::iterator end_;
};

}  // namespace

void ReferenceIndex::find_holders(std::vector<Reference>& references) const {
  HolderFinder::Maps maps(*heap_);
  for (auto next = references.begin(); next != references.end();) {
    const v8::HeapPage* page = heap_->page_of(next->holder);
    const auto end = std::find_if(next, references.end(), [&](const Reference& reference) {
      return !page->area.contains(reference.holder);
    });
    HolderFinder finder(next, end);
    v8::PageWalker<HolderFinder>(*page, maps, finder).walk();
    next = end;
  }
}

}  // namespace corewalk
