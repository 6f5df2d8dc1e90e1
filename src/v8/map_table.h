#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "v8/map_info.h"

namespace corewalk::v8 {

/// Map word -> decoded Map together with whatever the user keeps per map (`Data`), filled lazily. A
/// hash table over map addresses: a heap has some thousands of maps and tens of millions of map
/// words. Not thread-safe: each walking thread has its own.
template <class Data>
class MapTable {
 public:
  struct Entry {
    MapInfo info;
    Data data{};
  };

  explicit MapTable(const Heap& heap)
      : reader_(heap), slots_(kInitialSlots), mask_(kInitialSlots - 1) {}

  [[nodiscard]] const MapReader& reader() const { return reader_; }

  /// The entry of the Map that `word` points to, or null if it does not point to a Map. Entries
  /// stay where they are.
  [[nodiscard]] Entry* find(TaggedWord word) {
    for (uint64_t slot = hash(word);; slot = (slot + 1) & mask_) {
      const Slot& candidate = slots_[slot];
      if (candidate.word == word) return candidate.entry;
      if (candidate.word == 0) return add(word);
    }
  }

  /// All entries, in order of first use.
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }

 private:
  static constexpr uint64_t kInitialSlots = 4096;

  struct Slot {
    TaggedWord word = 0;  // 0: empty; no map word is 0
    Entry* entry = nullptr;
  };

  [[nodiscard]] uint64_t hash(TaggedWord word) const {
    return (word * 0x9E3779B97F4A7C15ULL >> 32) & mask_;
  }

  Entry* add(TaggedWord word) {
    const auto info = reader_.decode(word);
    if (!info) return nullptr;
    entries_.push_back({.info = *info});
    if (entries_.size() * 2 > slots_.size()) grow();
    insert({word, &entries_.back()});
    return &entries_.back();
  }

  void insert(const Slot& entry) {
    uint64_t slot = hash(entry.word);
    while (slots_[slot].word != 0) slot = (slot + 1) & mask_;
    slots_[slot] = entry;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& entry : old) {
      if (entry.word != 0) insert(entry);
    }
  }

  MapReader reader_;
  std::deque<Entry> entries_;
  std::vector<Slot> slots_;
  uint64_t mask_;
};

}  // namespace corewalk::v8
