#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "v8/object_view.h"
#include "v8/tagged.h"

namespace corewalk::v8 {

struct CollectionEntry {
  TaggedWord key = 0;
  std::optional<TaggedWord> value;  ///< absent in sets
};

struct CollectionEntries {
  std::vector<CollectionEntry> list;  ///< up to the limit
  uint64_t total = 0;
  bool weak = false;  ///< entries go when their key does
  bool damaged = false;
};

/// Offset of the first entry of V8's own hash tables of key and value (HashTable: behind elements,
/// deleted elements, capacity; objects/hash-table.h): EphemeronHashTable, ObjectHashTable.
[[nodiscard]] inline uint64_t hash_entries_offset(const Layout& layout) {
  constexpr uint64_t kHeaderWords = 3;
  return layout.container.array_elements.offset() + kHeaderWords * kWordBytes;
}

/// Reads the entries of Map, Set, WeakMap and WeakSet from their hash tables.
class CollectionReader {
 public:
  explicit CollectionReader(const Heap& heap) : heap_(heap) {}

  /// Absent if `object` is no such collection.
  [[nodiscard]] std::optional<CollectionEntries> entries(const ObjectView& object,
                                                         uint64_t limit) const;
  /// Key and value of each entry of one of V8's own hash tables that has no more: an
  /// ObjectHashTable.
  [[nodiscard]] CollectionEntries table_entries(const ObjectView& table, uint64_t limit) const {
    return weak_entries(table, true, limit);
  }

  /// Which entry a word of a collection's table belongs to.
  struct EntryWord {
    TaggedWord key = 0;
    bool is_key = false;  ///< else the value
  };
  /// Absent for words that are no part of an entry.
  [[nodiscard]] std::optional<EntryWord> entry_word(const ObjectView& object,
                                                    const ObjectView& table, uint64_t offset) const;

 private:
  [[nodiscard]] CollectionEntries ordered_entries(const ObjectView& table, bool has_values,
                                                  uint64_t limit) const;
  [[nodiscard]] CollectionEntries weak_entries(const ObjectView& table, bool has_values,
                                               uint64_t limit) const;

  const Heap& heap_;
};

}  // namespace corewalk::v8
