#include "analysis/census_worker.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace corewalk {

using v8::TaggedWord;
using v8::TypeTag;

namespace {

TaggedWord word_at(const std::byte* bytes, uint64_t offset) {
  TaggedWord word;
  std::memcpy(&word, bytes + offset, sizeof word);
  return word;
}

constexpr uint64_t kMaxBufferBytes = uint64_t{1} << 48;

bool is_backing_store(TypeTag tag) {
  return tag == TypeTag::kFixedArray || tag == TypeTag::kFixedDoubleArray ||
         tag == TypeTag::kByteArray || tag == TypeTag::kPropertyArray ||
         tag == TypeTag::kNameDictionary || tag == TypeTag::kGlobalDictionary ||
         tag == TypeTag::kNumberDictionary || tag == TypeTag::kOrderedHashMap ||
         tag == TypeTag::kOrderedHashSet || tag == TypeTag::kEphemeronHashTable ||
         tag == TypeTag::kSloppyArgumentsElements;
}

bool has_table(TypeTag tag) {
  return tag == TypeTag::kJSMap || tag == TypeTag::kJSSet || tag == TypeTag::kJSWeakMap ||
         tag == TypeTag::kJSWeakSet;
}

}  // namespace

void Counter::add(const Counter& other) {
  count += other.count;
  self_bytes += other.self_bytes;
  store_bytes += other.store_bytes;
  external_bytes += other.external_bytes;
  claimed_count += other.claimed_count;
  claimed_bytes += other.claimed_bytes;
  sample = std::min(sample, other.sample);
}

CensusWorker::CensusWorker(const CensusContext& context)
    : context_(context), maps_(context.heap), namer_(context.heap) {
  const auto& bits = context.heap.layout().named_bits;
  const auto found = bits.find("JSArrayBuffer.bit_field.is_shared");
  if (found != bits.end()) is_shared_ = found->second;
}

void CensusWorker::walk(const v8::HeapPage& page) {
  ++coverage_.pages;
  coverage_.page_bytes += page.area.size();
  if (page.bytes.size() != page.area.size()) ++coverage_.pages_missing;
  current_ = &page;
  v8::PageWalker<CensusWorker>(page, maps_, *this).walk();
}

void CensusWorker::object(Address address, Maps::Entry& map, uint64_t size,
                          const std::byte* bytes) {
  MapData& data = map.data;
  if (!data.decided) decide(map, address);
  if ((data.actions & kCountsAsObject) == 0) {
    (map.info.tag == TypeTag::kFreeSpace ? coverage_.free_bytes : coverage_.filler_bytes) += size;
    return;
  }
  Counter& counter = (data.actions & kNamedByObject) == 0
                         ? data.counter
                         : by_name_[{map.info.map, namer_.name(address, map.info)}];
  ++counter.count;
  counter.self_bytes += size;
  counter.sample = std::min(counter.sample, address);
  coverage_.object_bytes += size;
  if ((data.actions & kIsStore) != 0) context_.claims.mark_walked(*current_, address);
  if ((data.actions & kLooksInside) != 0) look_inside(counter, map, bytes, size);
}

void CensusWorker::decide(Maps::Entry& entry, Address first) {
  MapData& data = entry.data;
  const v8::MapInfo& map = entry.info;
  data.decided = true;
  if (v8::is_free(map.tag)) return;
  data.actions = kCountsAsObject;
  if (is_backing_store(map.tag)) data.actions |= kIsStore;
  if (map.tag == TypeTag::kString &&
      v8::string_representation(map.instance_type) == v8::StringRepresentation::kExternal) {
    data.actions |= kIsExternalString;
  }
  if (v8::is_js_object(map.tag)) data.actions |= kHasStores;
  if (has_table(map.tag)) data.actions |= kHasTable;
  if (map.tag == TypeTag::kJSArrayBuffer) data.actions |= kIsBuffer;
  if (namer_.differs_within(map))
    data.actions |= kNamedByObject;
  else
    data.row = namer_.name(first, map);
}

void CensusWorker::look_inside(Counter& counter, const Maps::Entry& map, const std::byte* bytes,
                               uint64_t size) {
  const v8::ObjectFields& fields = context_.heap.layout().object;
  const uint8_t actions = map.data.actions;
  const auto claim_at = [&](const v8::FieldOffset& field) {
    if (field.offset() + v8::kWordBytes <= size) {
      queue_claim(word_at(bytes, field.offset()), counter);
    }
  };
  if ((actions & kHasStores) != 0) {
    claim_at(fields.properties_or_hash);
    claim_at(fields.elements);
  }
  if ((actions & kHasTable) != 0) claim_at(fields.collection_table);
  if ((actions & kIsBuffer) != 0) add_buffer(counter, bytes, size);
  if ((actions & kIsExternalString) != 0) add_external_string(counter, map.info, bytes, size);
}

// Most words are one of two empty stores in read-only space, which nobody owns. Any other store is
// often a cache miss away: ask for it now, look at it some objects later.
void CensusWorker::queue_claim(TaggedWord word, Counter& owner) {
  if (word == unowned_[0] || word == unowned_[1] || v8::is_smi(word)) return;
  const Address store = v8::untag(word);
  const v8::HeapPage* page =
      current_->area.contains(store) ? current_ : context_.heap.page_of(store);
  if (page == nullptr || page->bytes.size() != page->area.size()) return;
  if (page->read_only) {
    unowned_[1] = std::exchange(unowned_[0], word);
    return;
  }
  __builtin_prefetch(page->bytes.data() + (store - page->area.begin()));
  PendingClaim& slot = pending_[next_pending_];
  next_pending_ = (next_pending_ + 1) % kPending;
  if (slot.page != nullptr) resolve(slot);
  slot = {page, store, &owner};
}

void CensusWorker::resolve(const PendingClaim& claim) {
  const v8::HeapPage& page = *claim.page;
  const uint64_t at = claim.store - page.area.begin();
  const uint64_t available = page.area.size() - at;
  if (!claim.store.is_aligned(v8::kWordBytes) || available < 2 * v8::kWordBytes) return;
  const TaggedWord map_word = word_at(page.bytes.data(), at);
  const auto& cow = context_.cow_array_maps;  // shared by all copies of one literal
  if (std::find(cow.begin(), cow.end(), map_word) != cow.end()) return;
  Maps::Entry* map = maps_.find(map_word);
  if (map == nullptr || !is_backing_store(map->info.tag)) return;
  const uint64_t size = maps_.reader().size_of(map->info, page.bytes.data() + at, available);
  if (size == 0 || size > available || !context_.claims.claim(page, claim.store)) return;
  ++map->data.counter.claimed_count;
  map->data.counter.claimed_bytes += size;
  claim.owner->store_bytes += size;
}

void CensusWorker::finish() {
  for (PendingClaim& claim : pending_) {
    if (claim.page != nullptr) resolve(claim);
    claim = {};
  }
}

void CensusWorker::add_buffer(Counter& counter, const std::byte* bytes, uint64_t size) {
  const v8::BufferFields& fields = context_.heap.layout().buffer;
  const uint64_t last = std::max(
      {fields.byte_length.offset(), fields.backing_store.offset(), fields.bit_field.offset()});
  if (last + v8::kWordBytes > size) return;
  const uint64_t length = word_at(bytes, fields.byte_length.offset());
  const uint64_t data = word_at(bytes, fields.backing_store.offset());
  if (data == 0 || length == 0 || length > kMaxBufferBytes) return;
  uint32_t flags;
  std::memcpy(&flags, bytes + fields.bit_field.offset(), sizeof flags);
  if (is_shared_.decode(flags) != 0) {
    shared_stores_.push_back({data, length, &counter});
  } else {
    counter.external_bytes += length;
  }
}

void CensusWorker::add_external_string(Counter& counter, const v8::MapInfo& map,
                                       const std::byte* bytes, uint64_t size) {
  const v8::StringFields& fields = context_.heap.layout().string;
  if (fields.external_data.offset() + v8::kWordBytes > size) return;
  uint32_t length;
  std::memcpy(&length, bytes + fields.length.offset(), sizeof length);
  // Node's own sources are strings over the executable's constants: they occupy no memory of the
  // process beyond the executable.
  const Address data(word_at(bytes, fields.external_data.offset()));
  const auto segments = context_.heap.memory().segments();
  const auto after =
      std::upper_bound(segments.begin(), segments.end(), data,
                       [](Address a, const Segment& segment) { return a < segment.range.begin(); });
  if (after == segments.begin() || !std::prev(after)->writable) return;
  counter.external_bytes += uint64_t{length} * (v8::is_one_byte_string(map.instance_type) ? 1 : 2);
}

}  // namespace corewalk
