#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "analysis/census.h"
#include "analysis/page_loop.h"
#include "v8/page_walker.h"

namespace corewalk {

/// How much of the heap an answer rests on.
struct ScanExtent {
  Coverage coverage;
  bool interrupted = false;  ///< the user stopped the walk: the answer is a lower bound
};

/// One thread's part of scan_heap(): hands each object to the Visitor, and keeps the account of the
/// pages. A Visitor is what PageWalker asks for, without gap().
template <class Visitor>
class HeapScanner {
 public:
  using MapData = typename Visitor::MapData;
  using Maps = v8::MapTable<MapData>;

  HeapScanner(const v8::Heap& heap, Visitor visitor) : maps_(heap), visitor_(std::move(visitor)) {}

  void walk(const v8::HeapPage& page) {
    ++coverage_.pages;
    coverage_.page_bytes += page.area.size();
    if (page.bytes.size() != page.area.size()) ++coverage_.pages_missing;
    v8::PageWalker<HeapScanner>(page, maps_, *this).walk();
  }

  void object(Address address, typename Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (map.info.tag == v8::TypeTag::kFreeSpace) {
      coverage_.free_bytes += size;
    } else if (map.info.tag == v8::TypeTag::kFiller) {
      coverage_.filler_bytes += size;
    } else {
      coverage_.object_bytes += size;
      visitor_.object(address, map, size, bytes);
    }
  }
  void gap(AddressRange range, v8::GapLabel label) { coverage_.add_gap(range.size(), label); }

  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  [[nodiscard]] Visitor& visitor() { return visitor_; }

 private:
  Maps maps_;
  Visitor visitor_;
  Coverage coverage_;
};

/// Shows all objects of an isolate, or of the whole process, to visitors: one for each thread, made
/// by `make`. Then gives each visitor to `take`, in no order.
template <class Visitor, class Make, class Take>
ScanExtent scan_heap(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate,
                     std::string_view title, Progress& progress, const Make& make,
                     const Take& take) {
  std::vector<const v8::HeapPage*> pages;
  for (const v8::HeapPage& page : heap.pages()) {
    if (!isolate || page.isolate == *isolate) pages.push_back(&page);
  }
  tbb::enumerable_thread_specific<HeapScanner<Visitor>> scanners(
      [&] { return HeapScanner<Visitor>(heap, make()); });
  progress.begin(title, pages.size());
  for_each_page(pages.size(), scanners, progress,
                [&](HeapScanner<Visitor>& scanner, size_t i) { scanner.walk(*pages[i]); });
  progress.end();
  ScanExtent extent{.coverage = {}, .interrupted = progress.interrupted()};
  for (HeapScanner<Visitor>& scanner : scanners) {
    extent.coverage.add(scanner.coverage());
    take(scanner.visitor());
  }
  for (const v8::LostPage& page : heap.lost_pages()) {
    if (!isolate || page.isolate == *isolate) ++extent.coverage.pages_missing;
  }
  return extent;
}

}  // namespace corewalk
