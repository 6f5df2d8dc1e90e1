#include "analysis/census_worker.h"

#include <algorithm>
#include <cstring>

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
    : context_(context), maps_(context.heap), namer_(context.heap) {}

void CensusWorker::walk(const v8::HeapPage& page) {
  ++coverage_.pages;
  coverage_.page_bytes += page.area.size();
  if (page.bytes.size() != page.area.size()) ++coverage_.pages_missing;
  v8::PageWalker<CensusWorker>(page, maps_, *this).walk();
}

void CensusWorker::gap(AddressRange range, v8::GapLabel label) {
  switch (label) {
    case v8::GapLabel::kUnused: coverage_.unused_bytes += range.size(); break;
    case v8::GapLabel::kMissing: coverage_.missing_bytes += range.size(); break;
    case v8::GapLabel::kDamaged: coverage_.damaged_bytes += range.size(); break;
  }
}

void CensusWorker::object(Address address, const v8::MapInfo& map, uint64_t size,
                          const std::byte* bytes) {
  while (counters_.size() <= map.id) counters_.emplace_back();
  MapCounter& entry = counters_[map.id];
  if (!entry.decided) decide(entry, map, address);
  if ((entry.actions & kCountsAsObject) == 0) {
    (map.tag == TypeTag::kFreeSpace ? coverage_.free_bytes : coverage_.filler_bytes) += size;
    return;
  }
  Counter& counter = counter_for(entry, map, address);
  ++counter.count;
  counter.self_bytes += size;
  counter.sample = std::min(counter.sample, address);
  coverage_.object_bytes += size;
  if ((entry.actions & ~(kCountsAsObject | kNamedByObject)) != 0) {
    look_inside(counter, entry.actions, map, bytes, size);
  }
}

void CensusWorker::decide(MapCounter& entry, const v8::MapInfo& map, Address first) {
  entry.decided = true;
  if (v8::is_free(map.tag)) return;
  entry.actions = kCountsAsObject;
  if (map.tag == TypeTag::kString &&
      v8::string_representation(map.instance_type) == v8::StringRepresentation::kExternal) {
    entry.actions |= kIsExternalString;
  }
  if (map.tag == TypeTag::kSymbol) entry.actions |= kNamedByObject;
  if (!v8::is_js_receiver(map.tag)) return;
  if (v8::is_js_object(map.tag)) entry.actions |= kHasStores;
  if (has_table(map.tag)) entry.actions |= kHasTable;
  if (map.tag == TypeTag::kJSArrayBuffer) entry.actions |= kIsBuffer;
  if (v8::is_callable_function(map.tag)) {
    entry.name = "Function";
    return;
  }
  if (map.tag == TypeTag::kJSRegExp) {
    entry.name = "RegExp";
    return;
  }
  const auto view = v8::MapView::load(context_.heap, map.map);
  if (!view) return;
  entry.name = namer_.name(first, *view).text;
  if (namer_.may_differ_within(*view)) entry.actions |= kNamedByObject;
}

Counter& CensusWorker::counter_for(MapCounter& entry, const v8::MapInfo& map, Address object) {
  if ((entry.actions & kNamedByObject) == 0) return entry.counter;
  if (map.tag == TypeTag::kSymbol) {
    constexpr uint32_t kIsPrivate = 1;  // objects/name.h, Symbol::IsPrivateBit
    const auto flags =
        context_.heap.read(object, context_.heap.layout().string.symbol_flags, "symbol flags");
    return (flags.value_or(0) & kIsPrivate) == 0 ? entry.counter : private_symbols_;
  }
  const auto view = v8::MapView::load(context_.heap, map.map);
  if (!view) return entry.counter;
  return by_name_[{map.map, namer_.name(object, *view).text}];
}

void CensusWorker::look_inside(Counter& counter, uint8_t actions, const v8::MapInfo& map,
                               const std::byte* bytes, uint64_t size) {
  const v8::ObjectFields& fields = context_.heap.layout().object;
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
  if ((actions & kIsExternalString) != 0) add_external_string(counter, map, bytes, size);
}

// The store is usually a cache miss away: ask for it now, look at it some objects later.
void CensusWorker::queue_claim(TaggedWord word, Counter& owner) {
  if (v8::is_smi(word)) return;
  const Address store = v8::untag(word);
  const v8::HeapPage* page = context_.heap.page_of(store);
  if (page == nullptr || page->read_only) return;
  PendingClaim& slot = pending_[next_pending_];
  next_pending_ = (next_pending_ + 1) % kPending;
  if (slot.owner != nullptr) resolve(slot);
  if (page->bytes.size() == page->area.size()) {
    __builtin_prefetch(page->bytes.data() + (store - page->area.begin()));
  }
  slot = {store, &owner};
}

void CensusWorker::resolve(const PendingClaim& claim) {
  const uint32_t index = context_.heap.page_table().find(claim.store);
  const v8::HeapPage& page = context_.heap.pages()[index];
  if (page.bytes.size() != page.area.size() || !claim.store.is_aligned(v8::kWordBytes)) return;
  const uint64_t at = claim.store - page.area.begin();
  const uint64_t available = page.area.size() - at;
  if (available < 2 * v8::kWordBytes) return;
  const TaggedWord map_word = word_at(page.bytes.data(), at);
  const auto& cow = context_.cow_array_maps;  // shared by all copies of one literal
  if (std::find(cow.begin(), cow.end(), map_word) != cow.end()) return;
  const v8::MapInfo* map = maps_.find(map_word);
  if (map == nullptr || !is_backing_store(map->tag)) return;
  const uint64_t size = maps_.size_of(*map, page.bytes.data() + at, available);
  if (size == 0 || size > available || !context_.claims.claim(index, claim.store)) return;
  while (counters_.size() <= map->id) counters_.emplace_back();
  Counter& store = counters_[map->id].counter;
  ++store.claimed_count;
  store.claimed_bytes += size;
  claim.owner->store_bytes += size;
}

void CensusWorker::finish() {
  for (PendingClaim& claim : pending_) {
    if (claim.owner != nullptr) resolve(claim);
    claim = {};
  }
}

void CensusWorker::add_buffer(Counter& counter, const std::byte* bytes, uint64_t size) {
  const v8::BufferFields& fields = context_.heap.layout().buffer;
  const uint64_t last = std::max({fields.byte_length.offset(), fields.backing_store.offset(),
                                  fields.bit_field.offset()});
  if (last + v8::kWordBytes > size) return;
  const uint64_t length = word_at(bytes, fields.byte_length.offset());
  const uint64_t data = word_at(bytes, fields.backing_store.offset());
  if (data == 0 || length == 0 || length > kMaxBufferBytes) return;
  constexpr uint32_t kIsShared = 1U << 4;  // objects/js-array-buffer.tq, JSArrayBufferFlags
  uint32_t flags;
  std::memcpy(&flags, bytes + fields.bit_field.offset(), sizeof flags);
  if ((flags & kIsShared) != 0) {
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
  const auto after = std::upper_bound(
      segments.begin(), segments.end(), data,
      [](Address a, const Segment& segment) { return a < segment.range.begin(); });
  if (after == segments.begin() || !std::prev(after)->writable) return;
  counter.external_bytes += uint64_t{length} * (v8::is_one_byte_string(map.instance_type) ? 1 : 2);
}

}  // namespace corewalk
