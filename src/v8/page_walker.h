#pragma once

#include <algorithm>
#include <cstring>

#include "v8/map_table.h"

namespace corewalk::v8 {

/// What a stretch of a page is when it is not an object.
enum class GapLabel : uint8_t {
  kUnused,   ///< an allocation area above its top, an unused semi-space page
  kUnswept,  ///< dead objects whose maps are gone: V8 was about to sweep them, or had moved them
  kMissing,  ///< not in the core
  kDamaged,  ///< no valid object could be recognised; zeros too, which V8 leaves nowhere else
};

/// Walks the objects of one page in address order. Every byte of the page's area is reported to the
/// visitor exactly once, as part of an object (fillers and free-list entries are objects to V8) or
/// of a gap:
///
///     using MapData = ...;  // what the visitor keeps per map
///     void object(Address, MapTable<MapData>::Entry&, uint64_t size_bytes, const std::byte*
///     bytes); void gap(AddressRange, GapLabel);
///
/// `bytes` holds the object up to the end of the page. After damage the walk goes on at the next
/// word that looks like the start of two consecutive objects.
template <class Visitor>
class PageWalker {
 public:
  using Maps = MapTable<typename Visitor::MapData>;

  PageWalker(const HeapPage& page, Maps& maps, Visitor& visitor)
      : page_(page),
        maps_(maps),
        visitor_(visitor),
        begin_(page.area.begin()),
        size_(page.area.size()) {}

  void walk() {
    if (page_.bytes.size() != size_) {
      visitor_.gap(page_.area, GapLabel::kMissing);
      return;
    }
    if (!page_.marks.empty()) {
      walk_marked();
      return;
    }
    uint64_t at = 0;
    for (const AddressRange& range : page_.unformatted) {
      at = walk_objects(at, std::clamp(range.begin() - begin_, at, size_));
      const uint64_t end = std::clamp(range.end() - begin_, at, size_);
      if (end > at) visitor_.gap({begin_ + at, begin_ + end}, GapLabel::kUnused);
      at = end;
    }
    walk_objects(at, size_);
  }

 private:
  /// How far ahead memory is asked for; processors give up at the end of each 4 KiB.
  static constexpr uint64_t kPrefetchBytes = 1024;

  [[nodiscard]] const std::byte* bytes_at(uint64_t at) const { return page_.bytes.data() + at; }
  [[nodiscard]] TaggedWord word_at(uint64_t at) const {
    TaggedWord word;
    std::memcpy(&word, bytes_at(at), sizeof word);
    return word;
  }

  uint64_t walk_objects(uint64_t at, uint64_t limit) {
    while (at < limit) {
      __builtin_prefetch(page_.bytes.data() + at + kPrefetchBytes);  // never faults
      if (auto* map = maps_.find(word_at(at))) {
        const uint64_t size = maps_.reader().size_of(map->info, bytes_at(at), limit - at);
        if (size != 0 && size <= limit - at) {
          visitor_.object(begin_ + at, *map, size, bytes_at(at));
          at += size;
          continue;
        }
      }
      at = skip(at, limit);
    }
    return limit;
  }

  /// Only objects that are marked and were not moved; the rest is a gap.
  void walk_marked() {
    uint64_t end_of_last = 0;
    for (uint64_t at = 0; at < size_; at += kWordBytes) {
      if (!is_marked(at)) continue;
      uint64_t size = moved_size(at, size_);
      if (size == 0) {
        auto* map = maps_.find(word_at(at));
        if (map != nullptr) size = maps_.reader().size_of(map->info, bytes_at(at), size_ - at);
        if (size == 0 || size > size_ - at) continue;
        if (at > end_of_last) report(end_of_last, at, GapLabel::kUnswept);
        visitor_.object(begin_ + at, *map, size, bytes_at(at));
        end_of_last = at + size;
      }
      at += size - kWordBytes;
    }
    if (size_ > end_of_last) report(end_of_last, size_, GapLabel::kUnswept);
  }

  [[nodiscard]] bool is_marked(uint64_t at) const {
    const uint64_t word = (begin_ + at - page_.chunk) / kWordBytes;
    constexpr uint64_t kBits = 8;
    return word / kBits < page_.marks.size() &&
           (std::to_integer<unsigned>(page_.marks[word / kBits]) >> word % kBits & 1) != 0;
  }

  /// Reports the stretch at `at`, which holds no object, and returns its end.
  uint64_t skip(uint64_t at, uint64_t limit) {
    for (const AddressRange& range : page_.missing) {
      if (range.contains(begin_ + at)) {
        return report(at, std::min(range.end() - begin_, limit), GapLabel::kMissing);
      }
    }
    if (const uint64_t size = moved_size(at, limit)) {
      return report(at, at + size, GapLabel::kUnswept);
    }
    uint64_t end = at + kWordBytes;
    while (end < limit && !looks_like_objects(end, limit)) end += kWordBytes;
    return report(at, end, page_.unswept ? GapLabel::kUnswept : GapLabel::kDamaged);
  }

  uint64_t report(uint64_t begin, uint64_t end, GapLabel label) {
    visitor_.gap({begin_ + begin, begin_ + end}, label);
    return end;
  }

  /// The size of the object that `bytes` holds; 0 if it is none, or more than is available.
  [[nodiscard]] uint64_t size_at(const std::byte* bytes, uint64_t available) {
    TaggedWord map_word;
    std::memcpy(&map_word, bytes, sizeof map_word);
    const auto* map = maps_.find(map_word);
    const uint64_t size = map != nullptr ? maps_.reader().size_of(map->info, bytes, available) : 0;
    return size <= available ? size : 0;
  }

  /// The size of an object that a collection moved and whose place it did not free any more; 0 if
  /// there is none at `at`. Where its map was lies the untagged address of its copy
  /// (objects/map-word.h).
  [[nodiscard]] uint64_t moved_size(uint64_t at, uint64_t limit) {
    const Address copy(word_at(at));
    const HeapPage* page =
        copy.is_aligned(kWordBytes) ? maps_.reader().heap().page_of(copy) : nullptr;
    if (page == nullptr || page->bytes.size() != page->area.size()) return 0;
    const uint64_t offset = copy - page->area.begin();
    const uint64_t available = page->area.size() - offset;
    const uint64_t size = size_at(page->bytes.data() + offset, available);
    return size <= limit - at ? size : 0;
  }

  [[nodiscard]] bool looks_like_objects(uint64_t at, uint64_t limit) {
    const uint64_t size = size_at(bytes_at(at), limit - at);
    if (size == 0) return false;
    return at + size == limit || maps_.find(word_at(at + size)) != nullptr;
  }

  const HeapPage& page_;
  Maps& maps_;
  Visitor& visitor_;
  const Address begin_;
  const uint64_t size_;
};

}  // namespace corewalk::v8
