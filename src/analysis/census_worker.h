#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "analysis/census.h"
#include "analysis/claim_bitmap.h"
#include "analysis/row_namer.h"
#include "v8/map_table.h"
#include "v8/page_walker.h"

namespace corewalk {

/// What is counted per map or, where objects of one map bear different names, per name.
struct Counter {
  uint64_t count = 0;
  uint64_t self_bytes = 0;
  uint64_t store_bytes = 0;  ///< backing stores owned by these objects
  uint64_t external_bytes = 0;
  uint64_t claimed_count = 0;  ///< of these objects, how many are backing stores of others
  uint64_t claimed_bytes = 0;
  Address sample{~uint64_t{0}};

  void add(const Counter& other);
  /// Without what counts for others. An interrupted walk may know of more claims than objects.
  [[nodiscard]] uint64_t own_count() const { return count - std::min(count, claimed_count); }
  [[nodiscard]] uint64_t own_bytes() const {
    return self_bytes - std::min(self_bytes, claimed_bytes);
  }
};

/// What is needed to size and attribute objects, the same for all workers.
struct CensusContext {
  const v8::Heap& heap;
  ClaimBitmap& claims;
  std::vector<v8::TaggedWord> cow_array_maps;  ///< of every isolate
};

/// A shared backing store and its bytes, for counting it once.
struct SharedStore {
  uint64_t data = 0;
  uint64_t bytes = 0;
  Counter* owner = nullptr;
};

/// Counts the objects of some pages; one per thread. A visitor of PageWalker.
class CensusWorker {
 public:
  /// What is kept per map.
  struct MapData {
    Counter counter;
    RowName row;          ///< of all objects of the map, unless they differ
    uint8_t actions = 0;  ///< bits of Action
    bool decided = false;
  };
  using Maps = v8::MapTable<MapData>;
  /// Objects of maps whose objects bear different names, by map and row.
  using NamedCounters = std::map<std::pair<Address, RowName>, Counter>;

  explicit CensusWorker(const CensusContext& context);

  void walk(const v8::HeapPage& page);
  /// Attributes the backing stores still queued. Call once after the last page.
  void finish();

  void object(Address address, Maps::Entry& map, uint64_t size, const std::byte* bytes);
  void gap(AddressRange range, v8::GapLabel label) { coverage_.add_gap(range.size(), label); }

  [[nodiscard]] const Maps& maps() const { return maps_; }
  [[nodiscard]] const NamedCounters& by_name() const { return by_name_; }
  [[nodiscard]] const std::vector<SharedStore>& shared_stores() const { return shared_stores_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  enum Action : uint8_t {
    kCountsAsObject = 1,
    kHasStores = 2,  // properties and elements words
    kHasTable = 4,   // Map, Set, WeakMap, WeakSet
    kIsBuffer = 8,
    kIsExternalString = 16,
    kNamedByObject = 32,
    kIsStore = 64,  // may belong to another object
  };
  static constexpr uint8_t kLooksInside = kHasStores | kHasTable | kIsBuffer | kIsExternalString;

  struct PendingClaim {
    const v8::HeapPage* page = nullptr;  // null: empty
    Address store;
    Counter* owner = nullptr;
  };
  static constexpr size_t kPending = 32;

  void decide(Maps::Entry& entry, Address first);
  void look_inside(Counter& counter, const Maps::Entry& map, const std::byte* bytes, uint64_t size);
  void queue_claim(v8::TaggedWord word, Counter& owner);
  void resolve(const PendingClaim& claim);
  void add_buffer(Counter& counter, const std::byte* bytes, uint64_t size);
  void add_external_string(Counter& counter, const v8::MapInfo& map, const std::byte* bytes,
                           uint64_t size);

  const CensusContext& context_;
  Maps maps_;
  RowNamer namer_;
  v8::BitRange is_shared_;  ///< of JSArrayBuffer.bit_field
  NamedCounters by_name_;
  std::vector<SharedStore> shared_stores_;
  std::array<PendingClaim, kPending> pending_;
  size_t next_pending_ = 0;
  const v8::HeapPage* current_ = nullptr;
  std::array<v8::TaggedWord, 2> unowned_{};  // stores in read-only space, seen last
  Coverage coverage_;
};

}  // namespace corewalk
