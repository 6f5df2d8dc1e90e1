#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "v8/heap.h"

namespace corewalk::v8 {

/// What the walk needs to know of a Map, decoded once.
struct MapInfo {
  Address map;
  const TypeInfo* type = nullptr;
  uint32_t fixed_size_bytes = 0;  ///< 0: the size depends on the object
  uint32_t id = 0;                ///< dense, in order of first use within one MapTable
  uint16_t instance_type = 0;
  TypeTag tag = TypeTag::kUnknown;
  uint8_t elements_kind = 0;
};

/// Map word -> MapInfo, filled lazily. A hash table over map addresses: a heap has some thousands of
/// maps and tens of millions of map words. Not thread-safe: each walking thread has its own.
class MapTable {
 public:
  explicit MapTable(const Heap& heap);

  /// The Map that `word` points to, or null if it does not point to a Map.
  [[nodiscard]] const MapInfo* find(TaggedWord word) {
    for (uint64_t slot = hash(word);; slot = (slot + 1) & mask_) {
      const Slot& entry = slots_[slot];
      if (entry.word == word) return entry.info;
      if (entry.word == 0) return add(word);
    }
  }

  /// Size in bytes of the object that starts at `bytes`, of which `available` bytes can be read up
  /// to the end of the page; 0 if it cannot be found out. A result may exceed `available`.
  [[nodiscard]] uint64_t size_of(const MapInfo& map, const std::byte* bytes, uint64_t available) {
    return map.fixed_size_bytes != 0 ? map.fixed_size_bytes : variable_size(map, bytes, available);
  }

  /// All maps seen so far, by id.
  [[nodiscard]] const std::deque<MapInfo>& maps() const { return infos_; }

 private:
  struct Slot {
    TaggedWord word = 0;  // 0: empty; no map word is 0
    const MapInfo* info = nullptr;
  };
  [[nodiscard]] uint64_t hash(TaggedWord word) const {
    return (word * 0x9E3779B97F4A7C15ULL >> 32) & mask_;
  }
  const MapInfo* add(TaggedWord word);
  void grow();
  [[nodiscard]] uint64_t variable_size(const MapInfo& map, const std::byte* bytes,
                                       uint64_t available);
  [[nodiscard]] uint64_t until_next_map(const std::byte* bytes, uint64_t available, uint64_t header);
  [[nodiscard]] uint64_t stream_size_via_code(const SizeRule& rule, const std::byte* bytes) const;
  [[nodiscard]] uint64_t wasm_array_size(const MapInfo& map, const std::byte* bytes,
                                         uint64_t available) const;

  const Heap& heap_;
  const MapFields& fields_;
  std::deque<MapInfo> infos_;  // stable addresses
  std::vector<Slot> slots_;
  uint64_t mask_;
};

}  // namespace corewalk::v8
