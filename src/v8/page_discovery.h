#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/progress.h"
#include "v8/heap.h"

namespace corewalk::v8 {

/// Builds a Heap: finds pages by their headers, groups them into isolates, and marks the parts of
/// pages that V8 had handed out but not yet filled.
///
/// A page header is recognised by its shape alone (heap/memory-chunk.h, 7.8 to 14.6): sizes that
/// fit, a pointer back to itself, a space that names the same heap. Isolates are then confirmed by
/// their roots table (IsolateFinder). What fails is kept as a rejected candidate and shown by
/// `doctor`.
class PageDiscovery {
 public:
  PageDiscovery(const AddressSpace& memory, const Layout& layout, Progress& progress);
  [[nodiscard]] std::unique_ptr<Heap> run();

 private:
  /// The neighbours of a page in the list of its space, by metadata address.
  struct PageLinks {
    Address next;
    Address previous;
  };
  struct Candidate {
    HeapPage page;
    Address heap;
    Address owner;
    PageLinks links;
  };

  void scan_segment(const Segment& segment);
  [[nodiscard]] std::optional<Candidate> candidate_at(Address chunk) const;
  [[nodiscard]] PageLinks links_at(Address node) const;
  [[nodiscard]] bool sizes_fit(const HeapPage& page) const;
  [[nodiscard]] bool owner_fits(Candidate& candidate) const;
  void adopt_isolates();
  [[nodiscard]] GcState gc_state_of(Address heap) const;
  void adopt_pages();
  void attach_bytes(HeapPage& page) const;
  void find_lost_pages();
  void mark_allocation_areas();
  void mark_new_space(const Isolate& isolate, std::optional<Address> top);
  [[nodiscard]] std::vector<AddressRange> open_areas(const Isolate& isolate) const;
  [[nodiscard]] std::vector<Address> starts_of(const AllocationAreaPlace& place,
                                               const Isolate& isolate) const;
  [[nodiscard]] std::vector<Address> local_heaps(const Isolate& isolate) const;
  [[nodiscard]] std::optional<AddressRange> area_at(const AllocationAreaPlace& place,
                                                    Address start) const;
  [[nodiscard]] std::optional<Address> owner_of_space(IsolateIndex isolate,
                                                      std::string_view name) const;

  const AddressSpace& memory_;
  const Layout& layout_;
  Progress& progress_;
  std::vector<Candidate> candidates_;
  std::map<Address, Address> owner_of_chunk_;  // for adopted pages
  std::map<Address, PageLinks> links_;         // the same, by metadata address
  std::unique_ptr<Heap> heap_;
};

}  // namespace corewalk::v8
