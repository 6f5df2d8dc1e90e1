#include "analysis/page_audit.h"

#include <map>

#include "analysis/page_loop.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

class Auditor {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  Auditor(const v8::HeapPage& page, Maps& maps) : maps_(maps) {
    audit_.page = &page;
    audit_.coverage.pages = 1;
    audit_.coverage.page_bytes = page.area.size();
  }
  [[nodiscard]] PageAudit run() {
    v8::PageWalker<Auditor>(*audit_.page, maps_, *this).walk();
    return audit_;
  }

  void object(Address /*address*/, const Maps::Entry& map, uint64_t size,
              const std::byte* /*bytes*/) {
    Coverage& sum = audit_.coverage;
    if (map.info.tag == v8::TypeTag::kFreeSpace)
      sum.free_bytes += size;
    else if (map.info.tag == v8::TypeTag::kFiller)
      sum.filler_bytes += size;
    else
      sum.object_bytes += size;
  }
  void gap(AddressRange range, v8::GapLabel label) { audit_.coverage.add_gap(range.size(), label); }

 private:
  Maps& maps_;
  PageAudit audit_;
};

}  // namespace

std::vector<PageAudit> audit_pages(const v8::Heap& heap, Progress& progress) {
  std::vector<PageAudit> audits(heap.pages().size());
  tbb::enumerable_thread_specific<Auditor::Maps> tables([&] { return Auditor::Maps(heap); });
  progress.begin("auditing pages", audits.size());
  for_each_page(audits.size(), tables, progress, [&](Auditor::Maps& maps, size_t i) {
    audits[i] = Auditor(heap.pages()[i], maps).run();
  });
  progress.end();
  std::erase_if(audits, [](const PageAudit& audit) { return audit.page == nullptr; });
  return audits;
}

std::vector<SpaceSummary> summarise_spaces(const v8::Heap& heap,
                                           const std::vector<PageAudit>& audits) {
  std::map<std::pair<v8::IsolateIndex, uint32_t>, SpaceSummary> spaces;
  for (const PageAudit& audit : audits) {
    const v8::HeapPage& page = *audit.page;
    SpaceSummary& space = spaces[{page.isolate, page.space}];
    if (page.isolate != v8::kSharedByAll) space.isolate = page.isolate;
    space.name = heap.space_name(page);
    ++space.pages;
    space.committed_bytes += page.committed_bytes;
    space.used_bytes += audit.coverage.object_bytes;
    space.free_bytes += audit.coverage.free_bytes + audit.coverage.filler_bytes;
    space.unused_bytes += audit.coverage.unused_bytes + audit.coverage.unswept_bytes;
    space.damaged_bytes += audit.coverage.damaged_bytes;
    space.missing_bytes += audit.coverage.missing_bytes;
  }
  std::vector<SpaceSummary> list;
  list.reserve(spaces.size());
  for (auto& [key, space] : spaces) list.push_back(std::move(space));
  return list;
}

AllocatedBytesCheck compare_allocated_bytes(const v8::Heap& heap,
                                            const std::vector<PageAudit>& audits) {
  AllocatedBytesCheck check;
  for (const PageAudit& audit : audits) {
    const v8::HeapPage& page = *audit.page;
    // New space counts whole pages, and read-only pages keep what their maker counted.
    if (!page.allocated_bytes || page.read_only || page.unswept ||
        heap.space_name(page) == "new_space")
      continue;
    uint64_t open_bytes = 0;
    for (const AddressRange& range : page.unformatted) open_bytes += range.size();
    // What is trimmed off an object becomes a filler or free space, and counts as allocated until
    // the next sweep; free-list entries look the same and do not.
    const uint64_t least = audit.coverage.object_bytes;
    const uint64_t trimmed_at_most = audit.coverage.filler_bytes + audit.coverage.free_bytes;
    ++check.compared;
    if (*page.allocated_bytes == least + open_bytes) ++check.equal;
    // A large page keeps the count of its untrimmed object.
    const uint64_t most = page.large ? page.committed_bytes : least + open_bytes + trimmed_at_most;
    if (least <= *page.allocated_bytes && *page.allocated_bytes <= most) {
      ++check.within;
    }
  }
  return check;
}

}  // namespace corewalk
