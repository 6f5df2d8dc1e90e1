#include "v8/page_discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "v8/isolate_finder.h"
#include "v8/unfinished_gc.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxHeaderBytes = 0x4000;
constexpr uint64_t kMinPageBytes = 0x1000;
constexpr uint64_t kMaxGranules = uint64_t{1} << 22;  // 1 TiB of pages: bounds hostile headers
constexpr uint64_t kPollInterval = 4096;
constexpr size_t kMaxLocalHeaps = 4096;
constexpr uint64_t kMaxCopyPerByte = 64;  // of a page that is there

}  // namespace

PageDiscovery::PageDiscovery(const AddressSpace& memory, const Layout& layout, Progress& progress)
    : memory_(memory), layout_(layout), progress_(progress), heap_(new Heap(memory, layout)) {}

std::unique_ptr<Heap> PageDiscovery::run() {
  for (const Segment& segment : memory_.segments()) {
    if (segment.residency == Residency::kPresent && !segment.from_file) scan_segment(segment);
  }
  adopt_isolates();
  adopt_pages();
  find_lost_pages();
  mark_allocation_areas();
  UnfinishedGc(*heap_, heap_->pages_).settle();
  return std::move(heap_);
}

void PageDiscovery::scan_segment(const Segment& segment) {
  uint64_t looked_at = 0;
  for (Address chunk = segment.range.begin().align_up(layout_.page_alignment);
       segment.range.contains(chunk); chunk = chunk + layout_.page_alignment) {
    if (++looked_at % kPollInterval == 0 && progress_.interrupted()) return;
    if (auto candidate = candidate_at(chunk)) candidates_.push_back(std::move(*candidate));
  }
}

std::optional<PageDiscovery::Candidate> PageDiscovery::candidate_at(Address chunk) const {
  const PageFields& fields = layout_.page;
  Address metadata = chunk;
  if (fields.metadata.present()) {
    const auto word = memory_.read<uint64_t>(chunk + fields.metadata.offset());
    if (!word || *word == 0 || *word % kWordBytes != 0) return {};
    metadata = Address(*word);
  }
  const auto word_at = [&](const Field<uint64_t>& field) {
    return memory_.read<uint64_t>(metadata + field.offset(), "page header").value_or(0);
  };
  Candidate found;
  found.page.chunk = chunk;
  found.page.metadata = metadata;
  found.page.committed_bytes = word_at(fields.size);
  const Address area_start(word_at(fields.area_start));
  const Address area_end(word_at(fields.area_end));
  if (area_end <= area_start) return {};
  found.page.area = {area_start, area_end};
  if (!sizes_fit(found.page)) return {};
  found.page.flags =
      memory_.read<uint64_t>(chunk + fields.flags.offset(), "page flags").value_or(0);
  const uint64_t more_flags =
      fields.more_flags.present()
          ? memory_.read<uint32_t>(metadata + fields.more_flags.offset()).value_or(0)
          : 0;
  const PageFlagBits& bits = layout_.page_flags;
  found.page.large = (found.page.flags & bits.large) != 0 || (more_flags & bits.more_large) != 0;
  found.page.read_only =
      (found.page.flags & bits.read_only) != 0 || (more_flags & bits.more_read_only) != 0;
  found.heap = Address(word_at(fields.heap));
  found.owner = Address(word_at(fields.owner));
  if (fields.list_next.present()) found.links = links_at(metadata + fields.list_next.offset());
  found.page.unswept = fields.sweeping_state.present() && word_at(fields.sweeping_state) != 0;
  if (fields.allocated_bytes.present())
    found.page.allocated_bytes = word_at(fields.allocated_bytes);
  if (!found.page.read_only && word_at(fields.chunk) != chunk.value()) return {};
  if (!owner_fits(found)) return {};
  return found;
}

// heap/list.h: next, then previous; null at the ends.
PageDiscovery::PageLinks PageDiscovery::links_at(Address node) const {
  const auto word_at = [&](Address place) {
    return Address(memory_.read<uint64_t>(place, "page list").value_or(0));
  };
  return {.next = word_at(node), .previous = word_at(node + kWordBytes)};
}

bool PageDiscovery::sizes_fit(const HeapPage& page) const {
  const uint64_t size = page.committed_bytes;
  const uint64_t header = page.area.begin() - page.chunk;
  return size >= kMinPageBytes && size % kMinPageBytes == 0 && page.chunk < page.area.begin() &&
         header <= kMaxHeaderBytes && page.area.begin().is_aligned(kWordBytes) &&
         page.area.end().is_aligned(kWordBytes) && page.area.end() <= page.chunk + size &&
         memory_.residency(page.area.end() - 1) != Residency::kUnmapped;
}

bool PageDiscovery::owner_fits(Candidate& candidate) const {
  if (candidate.heap.is_null() || candidate.owner.is_null()) {
    return candidate.page.read_only && candidate.heap.is_null();
  }
  const auto heap = memory_.read<uint64_t>(candidate.owner + layout_.space.heap.offset());
  const auto id = memory_.read<uint32_t>(candidate.owner + layout_.space.id.offset());
  if (!id || !layout_.space_names.contains(*id)) return false;
  candidate.page.space = *id;
  // Read-only space is shared between heaps in some versions and then names none of them.
  return heap && (*heap == candidate.heap.value() || candidate.page.read_only);
}

void PageDiscovery::adopt_isolates() {
  std::map<Address, uint64_t> pages_of_heap;
  for (const Candidate& c : candidates_) {
    if (!c.heap.is_null()) ++pages_of_heap[c.heap];
  }
  const IsolateFinder finder(memory_, layout_);
  for (const auto& [address, pages] : pages_of_heap) {
    std::string reason;
    if (auto isolate = finder.find(address, reason)) {
      isolate->gc_state = gc_state_of(address);
      heap_->isolates_.push_back(*isolate);
    } else {
      heap_->rejected_.push_back({address, pages, reason});
    }
  }
  // The main thread's isolate lies in the main heap (brk), below the workers' mmap'd arenas.
  for (IsolateIndex i = 0; i < heap_->isolates_.size(); ++i) heap_->isolates_[i].index = i;
}

GcState PageDiscovery::gc_state_of(Address heap) const {
  const auto& field = layout_.isolate.gc_state;
  if (!field.present()) return GcState::kNotInGc;
  const auto state = memory_.read<uint32_t>(heap + field.offset(), "GC state").value_or(0);
  for (const GcState known : {GcState::kScavenge, GcState::kMarkCompact}) {
    if (state == static_cast<uint32_t>(known)) return known;
  }
  return GcState::kNotInGc;
}

void PageDiscovery::adopt_pages() {
  std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
    return a.page.area.begin() < b.page.area.begin();
  });
  Address end_of_last;
  uint64_t granules = 0;
  for (Candidate& c : candidates_) {
    const auto isolate = std::find_if(heap_->isolates_.begin(), heap_->isolates_.end(),
                                      [&](const Isolate& i) { return i.heap == c.heap; });
    if (!c.heap.is_null() && isolate == heap_->isolates_.end()) continue;
    if (c.page.area.begin() < end_of_last) continue;
    const uint64_t own_granules = c.page.area.size() / layout_.page_alignment + 2;
    if (own_granules > kMaxGranules - granules) continue;
    granules += own_granules;
    end_of_last = c.page.area.end();
    c.page.isolate = c.heap.is_null() ? kSharedByAll : isolate->index;
    owner_of_chunk_[c.page.chunk] = c.owner;
    links_[c.page.metadata] = c.links;
    attach_bytes(c.page);
    heap_->pages_.push_back(std::move(c.page));
  }
  candidates_.clear();
  heap_->page_table_ = PageTable(heap_->pages_);
}

void PageDiscovery::attach_bytes(HeapPage& page) const {
  if (auto whole = memory_.view(page.area)) {
    page.bytes = *whole;
    return;
  }
  // Scattered over segments, or partly not saved: a copy, with the holes named.
  uint64_t present = 0;
  Address cursor = page.area.begin();
  for (const Segment& segment : memory_.segments()) {
    const AddressRange part = segment.range.intersect(page.area);
    if (part.empty() || segment.residency != Residency::kPresent) continue;
    if (cursor < part.begin()) page.missing.emplace_back(cursor, part.begin());
    cursor = part.end();
    present += part.size();
  }
  if (cursor < page.area.end()) page.missing.emplace_back(cursor, page.area.end());
  // A damaged header may claim any size: what is copied must be mostly there.
  if (present == 0 || page.area.size() / kMaxCopyPerByte > present) {
    page.missing = {page.area};
    return;
  }
  page.copy = std::make_shared<std::vector<std::byte>>(page.area.size());
  (void)memory_.read_partial(page.area, *page.copy);  // what is not there is in page.missing
  page.bytes = ByteView(page.area.begin(), *page.copy);
}

void PageDiscovery::find_lost_pages() {
  std::set<Address> lost;
  for (const HeapPage& page : heap_->pages_) {
    if (page.read_only) continue;  // not in a list of pages
    const PageLinks& links = links_.at(page.metadata);
    for (const Address neighbour : {links.next, links.previous}) {
      if (neighbour.is_null() || links_.contains(neighbour)) continue;
      if (lost.insert(neighbour).second) heap_->lost_pages_.push_back({neighbour, page.isolate});
    }
  }
}

std::optional<Address> PageDiscovery::owner_of_space(IsolateIndex isolate,
                                                     std::string_view name) const {
  for (const HeapPage& page : heap_->pages_) {
    if (page.isolate != isolate || page.large) continue;
    if ((page.flags & layout_.page_flags.from_page) != 0) continue;
    if (layout_.space_names.at(page.space) == name) return owner_of_chunk_.at(page.chunk);
  }
  return {};
}

std::vector<AddressRange> PageDiscovery::open_areas(const Isolate& isolate) const {
  std::vector<AddressRange> areas;
  for (const AllocationAreaPlace& place : layout_.allocation_areas) {
    for (const Address start : starts_of(place, isolate)) {
      if (const auto area = area_at(place, start)) areas.push_back(*area);
    }
  }
  return areas;
}

std::vector<Address> PageDiscovery::starts_of(const AllocationAreaPlace& place,
                                              const Isolate& isolate) const {
  if (place.start == "isolate") return {isolate.address};
  if (place.start == "heap") return {isolate.heap};
  if (place.start == "local_heap") return local_heaps(isolate);
  const auto owner = owner_of_space(isolate.index, place.start);
  return owner ? std::vector{*owner} : std::vector<Address>{};
}

// The main thread's LocalHeap and, linked with it, those of threads that compile or collect in the
// background. Each names its heap in its first word (heap/local-heap.h).
std::vector<Address> PageDiscovery::local_heaps(const Isolate& isolate) const {
  const LocalHeapFields& fields = layout_.local_heap;
  std::vector<Address> found;
  if (!fields.main.present()) return found;
  std::vector<Address> todo;
  const auto follow = [&](Address from, const Field<uint64_t>& field) {
    const auto next = memory_.read<uint64_t>(from + field.offset(), "local heap");
    if (field.present() && next && *next != 0) todo.emplace_back(*next);
  };
  follow(isolate.heap, fields.main);
  while (!todo.empty() && found.size() < kMaxLocalHeaps) {
    const Address local = todo.back();
    todo.pop_back();
    if (std::find(found.begin(), found.end(), local) != found.end()) continue;
    if (memory_.read<uint64_t>(local).value_or(0) != isolate.heap.value()) continue;
    found.push_back(local);
    follow(local, fields.prev);
    follow(local, fields.next);
  }
  return found;
}

std::optional<AddressRange> PageDiscovery::area_at(const AllocationAreaPlace& place,
                                                   Address start) const {
  Address at = start;
  for (size_t i = 0; i < place.offsets.size(); ++i) {
    if (i > 0) {
      const auto next = memory_.read<uint64_t>(at, "allocation area");
      if (!next) return {};
      at = Address(*next);
    }
    at = Address(at.value() + static_cast<uint64_t>(int64_t{place.offsets[i]}));
  }
  const auto top = memory_.read<uint64_t>(at, "allocation area");
  const auto limit = memory_.read<uint64_t>(at + place.limit_distance, "allocation area");
  if (!top || !limit || *top == 0 || *top > *limit || *top % kWordBytes != 0) return {};
  return AddressRange(Address(*top), Address(*limit));
}

void PageDiscovery::mark_allocation_areas() {
  for (const Isolate& isolate : heap_->isolates_) {
    std::optional<Address> new_space_top;
    for (const AddressRange& area : open_areas(isolate)) {
      // A full area has top == limit, which may be the end of its page.
      const Address last = area.empty() ? area.begin() - kWordBytes : area.begin();
      const HeapPage* page = heap_->page_of(last);
      if (page == nullptr || page->isolate != isolate.index) continue;
      AddressRange inside = area.intersect(page->area);
      if (layout_.space_names.at(page->space) == "new_space") {
        // The limit here is a step for allocation observers; the rest of the page is unused too.
        new_space_top = area.begin();
        inside = {area.begin(), page->area.end()};
      }
      if (inside.empty()) continue;
      heap_->pages_[static_cast<size_t>(page - heap_->pages_.data())].unformatted.push_back(inside);
    }
    mark_new_space(isolate, new_space_top);
  }
  for (HeapPage& page : heap_->pages_) {
    auto& ranges = page.unformatted;
    std::sort(ranges.begin(), ranges.end());
    size_t kept = 0;
    for (const AddressRange& range : ranges) {
      if (kept > 0 && range.begin() <= ranges[kept - 1].end()) {
        ranges[kept - 1] = {ranges[kept - 1].begin(),
                            std::max(ranges[kept - 1].end(), range.end())};
      } else {
        ranges[kept++] = range;
      }
    }
    ranges.resize(kept);
  }
}

// The semi-space that objects are copied out of keeps stale bytes after a scavenge, and so do the
// pages of the other one that allocation has not reached yet. Pages are filled in list order up to
// the one that holds top (heap/new-spaces.h).
void PageDiscovery::mark_new_space(const Isolate& isolate, std::optional<Address> top) {
  std::map<Address, HeapPage*> pages;  // by metadata address
  const HeapPage* current = top ? heap_->page_of(*top) : nullptr;
  if (top && current == nullptr) current = heap_->page_of(*top - kWordBytes);  // page is full
  for (HeapPage& page : heap_->pages_) {
    if (page.isolate != isolate.index || page.large) continue;
    if (layout_.space_names.at(page.space) != "new_space") continue;
    if ((page.flags & layout_.page_flags.from_page) != 0)
      page.unformatted = {page.area};
    else
      pages[page.metadata] = &page;
  }
  if (current == nullptr || !layout_.page.list_next.present()) return;
  // When the semi-space has shrunk, pages that V8 is about to give back are in no list any more.
  for (const auto& [metadata, page] : pages) {
    const PageLinks& links = links_.at(metadata);
    if (page != current && links.next.is_null() && links.previous.is_null()) {
      page->unformatted = {page->area};
    }
  }
  std::set<Address> seen;
  for (Address next = links_[current->metadata].next;
       pages.contains(next) && seen.insert(next).second; next = links_[next].next) {
    pages[next]->unformatted = {pages[next]->area};
  }
}

}  // namespace corewalk::v8
