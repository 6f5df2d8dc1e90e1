#include "v8/collections.h"

#include <algorithm>

#include "v8/elements.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

// OrderedHashTable (objects/ordered-hash-table.h, 7.8 to 14.6), by words from the first element on:
// elements, deleted elements, buckets; the buckets; then for each entry key, value in maps, chain.
constexpr uint64_t kOrderedHeaderWords = 3;
uint64_t count_at(const ObjectView& table, uint64_t offset) {
  const auto word = table.word(offset);
  return word && is_smi(*word) ? static_cast<uint64_t>(std::max(smi_value(*word), 0)) : 0;
}

}  // namespace

std::optional<CollectionEntries> CollectionReader::entries(const ObjectView& object,
                                                           uint64_t limit) const {
  const TypeTag tag = object.tag();
  const bool is_ordered = tag == TypeTag::kJSMap || tag == TypeTag::kJSSet;
  const bool is_weak = tag == TypeTag::kJSWeakMap || tag == TypeTag::kJSWeakSet;
  if (!is_ordered && !is_weak) return {};
  const bool has_values = tag == TypeTag::kJSMap || tag == TypeTag::kJSWeakMap;
  const auto word = object.word(heap_.layout().object.collection_table.offset());
  const auto table = word ? ObjectView::at(heap_, *word) : Result<ObjectView>(word.fault());
  CollectionEntries found;
  if (!table)
    found.damaged = true;
  else
    found = is_ordered ? ordered_entries(*table, has_values, limit)
                       : weak_entries(*table, has_values, limit);
  found.weak = is_weak;
  return found;
}

CollectionEntries CollectionReader::ordered_entries(const ObjectView& table, bool has_values,
                                                    uint64_t limit) const {
  const ElementReader holes(heap_);
  CollectionEntries found;
  const uint64_t first = heap_.layout().container.array_elements.offset();
  const uint64_t used = count_at(table, first) + count_at(table, first + kWordBytes);
  const uint64_t buckets = count_at(table, first + 2 * kWordBytes);
  const uint64_t stride = (has_values ? 3 : 2) * kWordBytes;
  uint64_t at = first + (kOrderedHeaderWords + buckets) * kWordBytes;
  for (uint64_t i = 0; i < used; ++i, at += stride) {
    const auto key = table.word(at);
    const auto value = table.word(at + kWordBytes);
    if (!key || !value) {
      found.damaged = true;
      break;
    }
    if (holes.is_hole(*key)) continue;  // deleted
    ++found.total;
    if (found.list.size() < limit) {
      found.list.push_back({*key, has_values ? std::optional(*value) : std::nullopt});
    }
  }
  return found;
}

std::optional<CollectionReader::EntryWord> CollectionReader::entry_word(const ObjectView& object,
                                                                        const ObjectView& table,
                                                                        uint64_t offset) const {
  const TypeTag tag = object.tag();
  const uint64_t elements = heap_.layout().container.array_elements.offset();
  uint64_t first = hash_entries_offset(heap_.layout());
  uint64_t stride = 2 * kWordBytes;
  if (tag == TypeTag::kJSMap || tag == TypeTag::kJSSet) {
    const uint64_t buckets = count_at(table, elements + 2 * kWordBytes);
    first = elements + (kOrderedHeaderWords + buckets) * kWordBytes;
    stride = (tag == TypeTag::kJSMap ? 3 : 2) * kWordBytes;
  }
  if (offset < first) return {};
  const uint64_t in_entry = (offset - first) % stride;
  const auto key = table.word(offset - in_entry);
  if (!key) return {};
  return EntryWord{.key = *key, .is_key = in_entry == 0};
}

CollectionEntries CollectionReader::weak_entries(const ObjectView& table, bool has_values,
                                                 uint64_t limit) const {
  const ElementReader holes(heap_);
  CollectionEntries found;
  const uint64_t first = hash_entries_offset(heap_.layout());
  for (uint64_t at = first; at + 2 * kWordBytes <= table.size_bytes(); at += 2 * kWordBytes) {
    const TaggedWord key = *table.word(at);
    // Free entries hold undefined, deleted ones the hole: neither is a key.
    if (is_smi(key) || holes.is_hole(key) || heap_.tag_of(untag(key)) == TypeTag::kOddball)
      continue;
    ++found.total;
    if (found.list.size() < limit) {
      found.list.push_back(
          {key, has_values ? std::optional(*table.word(at + kWordBytes)) : std::nullopt});
    }
  }
  return found;
}

}  // namespace corewalk::v8
