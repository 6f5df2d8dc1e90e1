#pragma once

#include <algorithm>
#include <cstring>

#include "v8/map_table.h"

namespace corewalk::v8 {

/// What a stretch of a page is when it is not an object.
enum class GapLabel : uint8_t {
  kUnused,   ///< an allocation area above its top, an unused semi-space page, never-used zeros
  kMissing,  ///< not in the core
  kDamaged,  ///< no valid object could be recognised
};

/// Walks the objects of one page in address order. Every byte of the page's area is reported to the
/// visitor exactly once, as part of an object (fillers and free-list entries are objects to V8) or
/// of a gap:
///
///     void object(Address, const MapInfo&, uint64_t size_bytes, const std::byte* bytes);
///     void gap(AddressRange, GapLabel);
///
/// `bytes` holds the object up to the end of the page. After damage the walk goes on at the next
/// word that looks like the start of two consecutive objects.
template <class Visitor>
class PageWalker {
 public:
  PageWalker(const HeapPage& page, MapTable& maps, Visitor& visitor)
      : page_(page),
        maps_(maps),
        visitor_(visitor),
        begin_(page.area.begin()),
        size_(page.area.size()),
        next_gap_(page.unformatted.begin()) {}

  void walk() {
    if (page_.bytes.size() != size_) {
      visitor_.gap(page_.area, GapLabel::kMissing);
      return;
    }
    uint64_t at = 0;
    while (at < size_) at = step(at);
  }

 private:
  [[nodiscard]] const std::byte* bytes_at(uint64_t at) const { return page_.bytes.data() + at; }
  [[nodiscard]] TaggedWord word_at(uint64_t at) const {
    TaggedWord word;
    std::memcpy(&word, bytes_at(at), sizeof word);
    return word;
  }
  /// Start of the next unformatted range at or after `at`, as an offset; the page's size if none.
  [[nodiscard]] uint64_t next_gap_offset(uint64_t at) {
    while (next_gap_ != page_.unformatted.end() && next_gap_->end() <= begin_ + at) ++next_gap_;
    if (next_gap_ == page_.unformatted.end()) return size_;
    return std::max(next_gap_->begin() - begin_, at);
  }

  uint64_t step(uint64_t at) {
    const uint64_t limit = next_gap_offset(at);
    if (limit == at) {
      const uint64_t end = std::min(next_gap_->end() - begin_, size_);
      visitor_.gap({begin_ + at, begin_ + end}, GapLabel::kUnused);
      return end;
    }
    const TaggedWord word = word_at(at);
    if (const MapInfo* map = maps_.find(word)) {
      const uint64_t size = maps_.size_of(*map, bytes_at(at), limit - at);
      if (size != 0 && size <= limit - at) {
        visitor_.object(begin_ + at, *map, size, bytes_at(at));
        return at + size;
      }
    }
    return skip(at, limit);
  }

  /// Reports the stretch at `at`, which holds no object, and returns its end.
  uint64_t skip(uint64_t at, uint64_t limit) {
    for (const AddressRange& range : page_.missing) {
      if (range.contains(begin_ + at)) {
        const uint64_t end = std::min(range.end() - begin_, limit);
        visitor_.gap({begin_ + at, begin_ + end}, GapLabel::kMissing);
        return end;
      }
    }
    uint64_t end = at;
    while (end < limit && word_at(end) == 0) end += kWordBytes;
    if (end > at) {
      visitor_.gap({begin_ + at, begin_ + end}, GapLabel::kUnused);
      return end;
    }
    end = at + kWordBytes;
    while (end < limit && !looks_like_objects(end, limit)) end += kWordBytes;
    visitor_.gap({begin_ + at, begin_ + end}, GapLabel::kDamaged);
    return end;
  }

  [[nodiscard]] bool looks_like_objects(uint64_t at, uint64_t limit) {
    const MapInfo* map = maps_.find(word_at(at));
    if (map == nullptr) return false;
    const uint64_t size = maps_.size_of(*map, bytes_at(at), limit - at);
    if (size == 0 || size > limit - at) return false;
    return at + size == limit || maps_.find(word_at(at + size)) != nullptr;
  }

  const HeapPage& page_;
  MapTable& maps_;
  Visitor& visitor_;
  const Address begin_;
  const uint64_t size_;
  std::vector<AddressRange>::const_iterator next_gap_;
};

}  // namespace corewalk::v8
