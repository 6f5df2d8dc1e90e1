#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "memory/address_space.h"
#include "v8/heap_page.h"
#include "v8/layout.h"
#include "v8/page_table.h"
#include "v8/tagged.h"

namespace corewalk::v8 {

/// What a heap was doing when the process died (heap/heap.h, enum HeapState).
enum class GcState : uint8_t { kNotInGc = 0, kScavenge = 1, kMarkCompact = 2 };

/// One V8 instance: the main thread's, or that of a worker_threads Worker.
struct Isolate {
  IsolateIndex index = 0;
  Address address;
  Address heap;
  Address roots;
  GcState gc_state = GcState::kNotInGc;
};

/// A candidate that looked like a page and was turned down, for `doctor`.
struct RejectedHeap {
  Address heap;
  uint64_t pages = 0;
  std::string reason;
};

/// A page that the list of its space links to, but that was not found: its header is not in the
/// core, or damaged.
struct LostPage {
  Address metadata;
  IsolateIndex isolate = 0;
};

/// All V8 heaps of one process: isolates, their pages, and bounded access to objects. Immutable
/// after find(); safe for concurrent readers. Keeps references to the AddressSpace and the Layout.
class Heap {
 public:
  /// Finds every page of every isolate in `memory`. Never fails: a process without a V8 heap gives
  /// a Heap without isolates.
  [[nodiscard]] static std::unique_ptr<Heap> find(const AddressSpace& memory, const Layout& layout,
                                                  Progress& progress);

  [[nodiscard]] const AddressSpace& memory() const { return memory_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] std::span<const Isolate> isolates() const { return isolates_; }
  [[nodiscard]] std::span<const HeapPage> pages() const { return pages_; }
  [[nodiscard]] std::span<const LostPage> lost_pages() const { return lost_pages_; }
  [[nodiscard]] std::span<const RejectedHeap> rejected() const { return rejected_; }
  [[nodiscard]] const PageTable& page_table() const { return page_table_; }

  /// The page whose object area holds `address`, or null.
  [[nodiscard]] const HeapPage* page_of(Address address) const {
    const uint32_t index = page_table_.find(address);
    if (index == PageTable::kNone) return nullptr;
    const HeapPage& page = pages_[index];
    return page.area.contains(address) ? &page : nullptr;
  }

  /// A field of a heap object. Faults if the object or the field is outside every page.
  template <class T>
  [[nodiscard]] Result<T> read(Address object, uint64_t offset, const char* reading) const {
    const Address where = object + offset;
    const HeapPage* page = page_of(where);
    if (page == nullptr) return Fault{FaultKind::kOutOfBounds, where, reading};
    return page->bytes.read<T>(where - page->area.begin(), reading);
  }
  template <class T>
  [[nodiscard]] Result<T> read(Address object, const Field<T>& field, const char* reading) const {
    if (!field.present()) return Fault{FaultKind::kBadValue, object, reading};
    return read<T>(object, field.offset(), reading);
  }

  /// The object a tagged field points to (strong or weak). Faults on a Smi.
  [[nodiscard]] Result<Address> follow(Address object, uint64_t offset, const char* reading) const;

  /// Address of the Map of an object, checked to be on a page; not checked to be a Map.
  [[nodiscard]] Result<Address> map_of(Address object) const {
    return follow(object, 0, "map of an object");
  }
  /// Instance type of an object through a map whose own map is a meta map; else a Fault.
  [[nodiscard]] Result<uint16_t> instance_type(Address object) const;
  [[nodiscard]] TypeTag tag_of(Address object) const;
  /// Where an object lies now: elsewhere if the process died in a collection that had just moved
  /// it, and left the new address in place of its map (MapWord, objects/objects.h in V8 7.8).
  [[nodiscard]] Address moved_to(Address object) const;
  /// True if `map` is a Map: its own map is a Map of Maps.
  [[nodiscard]] bool is_map(Address map) const;

  /// An entry of an isolate's roots table by name, as it lies there. Absent if this V8 has no such
  /// root or it cannot be read.
  [[nodiscard]] std::optional<TaggedWord> root(const Isolate& isolate, std::string_view name) const;
  /// The same for the first isolate: right for all roots in read-only space.
  [[nodiscard]] std::optional<TaggedWord> root(std::string_view name) const;

  [[nodiscard]] std::string space_name(const HeapPage& page) const;

 private:
  friend class PageDiscovery;
  /// What moved_to() gives if a copy is there.
  [[nodiscard]] Address forwarding_address(Address object) const;
  Heap(const AddressSpace& memory, const Layout& layout) : memory_(memory), layout_(layout) {}

  const AddressSpace& memory_;
  const Layout& layout_;
  std::vector<Isolate> isolates_;
  std::vector<HeapPage> pages_;  // ascending by area
  std::vector<LostPage> lost_pages_;
  std::vector<RejectedHeap> rejected_;
  PageTable page_table_;
};

}  // namespace corewalk::v8
