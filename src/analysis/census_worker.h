#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "analysis/census.h"
#include "analysis/claim_bitmap.h"
#include "v8/constructor_name.h"
#include "v8/map_table.h"
#include "v8/page_walker.h"

namespace corewalk {

/// What is counted per map or, where objects of one map bear different names, per name.
struct Counter {
  uint64_t count = 0;
  uint64_t self_bytes = 0;
  uint64_t store_bytes = 0;     ///< backing stores owned by these objects
  uint64_t external_bytes = 0;
  uint64_t claimed_count = 0;   ///< of these objects, how many are backing stores of others
  uint64_t claimed_bytes = 0;
  Address sample{~uint64_t{0}};

  void add(const Counter& other);
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
  explicit CensusWorker(const CensusContext& context);

  void walk(const v8::HeapPage& page);
  /// Attributes the backing stores still queued. Call once after the last page.
  void finish();

  void object(Address address, const v8::MapInfo& map, uint64_t size, const std::byte* bytes);
  void gap(AddressRange range, v8::GapLabel label);

  struct MapCounter {
    Counter counter;
    std::string name;            ///< empty until the first object, or for internals
    uint8_t actions = 0;         ///< bits of Action
    bool decided = false;
  };

  [[nodiscard]] const v8::MapTable& maps() const { return maps_; }
  [[nodiscard]] const MapCounter& counter(const v8::MapInfo& map) const { return counters_[map.id]; }
  [[nodiscard]] size_t counter_count() const { return counters_.size(); }
  /// Objects of maps whose objects bear different names, by map and name.
  using NamedCounters = std::map<std::pair<Address, std::string>, Counter>;
  [[nodiscard]] const NamedCounters& by_name() const { return by_name_; }
  [[nodiscard]] const Counter& private_symbols() const { return private_symbols_; }
  [[nodiscard]] const std::vector<SharedStore>& shared_stores() const { return shared_stores_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  enum Action : uint8_t {
    kCountsAsObject = 1,
    kHasStores = 2,       // properties and elements words
    kHasTable = 4,        // Map, Set, WeakMap, WeakSet
    kIsBuffer = 8,
    kIsExternalString = 16,
    kNamedByObject = 32,
  };
  struct PendingClaim {
    Address store;
    Counter* owner = nullptr;
  };
  static constexpr size_t kPending = 32;

  void decide(MapCounter& entry, const v8::MapInfo& map, Address first);
  [[nodiscard]] Counter& counter_for(MapCounter& entry, const v8::MapInfo& map, Address object);
  void look_inside(Counter& counter, uint8_t actions, const v8::MapInfo& map,
                   const std::byte* bytes, uint64_t size);
  void queue_claim(v8::TaggedWord word, Counter& owner);
  void resolve(const PendingClaim& claim);
  void add_buffer(Counter& counter, const std::byte* bytes, uint64_t size);
  void add_external_string(Counter& counter, const v8::MapInfo& map, const std::byte* bytes,
                           uint64_t size);

  const CensusContext& context_;
  v8::MapTable maps_;
  v8::ConstructorNamer namer_;
  std::deque<MapCounter> counters_;  // by MapInfo::id
  NamedCounters by_name_;
  Counter private_symbols_;  // names of private class members, and V8's own
  std::vector<SharedStore> shared_stores_;
  std::array<PendingClaim, kPending> pending_;
  size_t next_pending_ = 0;
  Coverage coverage_;
};

}  // namespace corewalk
