#include "session/address_locator.h"

#include <algorithm>

#include "inspect/reference_label.h"
#include "stack/frame_place.h"
#include "stack/native_frame.h"
#include "v8/page_walker.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

std::string_view label_of_gap(v8::GapLabel label) {
  switch (label) {
    case v8::GapLabel::kUnused:
      return "unused: V8 had not allocated it";
    case v8::GapLabel::kUnswept:
      return "unswept: dead objects that V8 had not cleared away";
    case v8::GapLabel::kMissing:
      return "not in the core";
    case v8::GapLabel::kDamaged:
      return "damaged: no object could be recognised";
  }
  return "";
}

/// A visitor of PageWalker that keeps what holds one address.
class PlaceFinder {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  explicit PlaceFinder(Address address) : address_(address) {}

  void object(Address start, const Maps::Entry& map, uint64_t size, const std::byte* /*bytes*/) {
    const AddressRange whole(start, size);
    if (!whole.contains(address_)) return;
    range = whole;
    free = v8::is_free(map.info.tag);
  }
  void gap(AddressRange whole, v8::GapLabel what) {
    if (!whole.contains(address_)) return;
    range = whole;
    gap_label = label_of_gap(what);
  }

  AddressRange range;
  bool free = false;
  std::string gap_label;

 private:
  Address address_;
};

/// What the word at `offset` of an object is to it; for the middle of a word, of that word.
std::string field_at(const ValueReader& values, const v8::ObjectView& object, uint64_t offset) {
  const uint64_t word = offset / v8::kWordBytes * v8::kWordBytes;
  if (word == 0) return ".(map)";
  if (object.tag() == v8::TypeTag::kString) return {};
  ReferenceLabel label = label_of(values, object, word);
  if (label.text.starts_with('+')) return {};  // an offset is shown anyway
  return std::move(label.text);
}

HeapPlace place_on_page(const v8::Heap& heap, const v8::HeapPage& page) {
  HeapPlace place{.chunk = page.chunk, .space = heap.space_name(page)};
  if (page.isolate != v8::kSharedByAll) place.isolate = page.isolate;
  return place;
}

bool locate_on_heap(const ValueReader& values, AddressInfo& info) {
  const v8::Heap& heap = values.heap();
  const v8::HeapPage* page = heap.page_of(info.address);
  if (page == nullptr) return false;
  HeapPlace place = place_on_page(heap, *page);
  PlaceFinder finder(info.address);
  PlaceFinder::Maps maps(heap);
  v8::PageWalker<PlaceFinder>(*page, maps, finder).walk();
  place.range = finder.range;
  place.label = finder.gap_label;
  info.kind = !finder.gap_label.empty() ? PlaceKind::kGap
              : finder.free             ? PlaceKind::kFree
                                        : PlaceKind::kObject;
  if (info.kind == PlaceKind::kObject) {
    const Address start = finder.range.begin();
    place.object = values.brief(v8::tag(start), {});
    const auto object = v8::ObjectView::load(heap, start);
    if (object) place.field = field_at(values, *object, info.address - start);
  }
  info.heap = std::move(place);
  return true;
}

/// The chunk of a page around its objects: its header, its tables, its end.
bool locate_in_header(const v8::Heap& heap, AddressInfo& info) {
  for (const v8::HeapPage& page : heap.pages()) {
    const uint64_t bytes = std::max(page.committed_bytes, heap.layout().page_alignment);
    if (!AddressRange(page.chunk, bytes).contains(info.address)) continue;
    info.kind = PlaceKind::kPageHeader;
    info.heap = place_on_page(heap, page);
    return true;
  }
  return false;
}

bool locate_on_stack(const AddressSources& sources, AddressInfo& info) {
  for (const ThreadInfo& thread : sources.process.threads) {
    const Segment* segment = sources.memory.find_segment(thread.sp);
    if (segment == nullptr || !segment->writable || !segment->range.contains(info.address)) {
      continue;
    }
    StackPlace place{.thread_id = thread.tid,
                     .above_sp = info.address - thread.sp,
                     .below_sp = thread.sp - info.address};
    if (sources.stacks != nullptr && place.below_sp == 0) {
      const auto stack =
          std::find_if(sources.stacks->begin(), sources.stacks->end(),
                       [&](const ThreadStack& s) { return s.thread_id == thread.tid; });
      if (stack != sources.stacks->end()) place.frame_number = frame_at(*stack, info.address);
      if (place.frame_number) place.frame = stack->frames[*place.frame_number];
    }
    info.kind = PlaceKind::kStack;
    info.stack = std::move(place);
    return true;
  }
  return false;
}

void describe_mapping(const AddressSources& sources, AddressInfo& info) {
  const Segment* segment = sources.memory.find_segment(info.address);
  if (segment == nullptr) return;
  info.kind = PlaceKind::kMemory;
  info.mapping = segment->range;
  info.in_core = segment->residency == Residency::kPresent;
  info.permissions = {segment->readable ? 'r' : '-', segment->writable ? 'w' : '-',
                      segment->executable ? 'x' : '-'};
  for (const MappedFile& file : sources.process.files) {
    if (!file.range.contains(info.address)) continue;
    info.kind = PlaceKind::kFile;
    info.file = file.path;
    info.file_offset = file.file_offset_bytes + (info.address - file.range.begin());
    return;
  }
}

}  // namespace

AddressInfo locate_address(const AddressSources& sources, Address address) {
  AddressInfo info{.address = address};
  describe_mapping(sources, info);
  if (sources.values != nullptr && locate_on_heap(*sources.values, info)) return info;
  if (info.kind == PlaceKind::kUnmapped) return info;
  if (sources.values != nullptr && locate_in_header(sources.values->heap(), info)) return info;
  if (info.kind == PlaceKind::kMemory && locate_on_stack(sources, info)) return info;
  // A call that never returns may be a function's last instruction: what follows is its return
  // address, and no part of it.
  auto symbol = sources.symbols.find_containing(address);
  if (!symbol) symbol = sources.symbols.find_containing(address - 1);
  if (symbol) {
    info.kind = PlaceKind::kSymbol;
    info.symbol = readable_name(symbol->name);
    info.symbol_offset = address - symbol->address;
  }
  return info;
}

}  // namespace corewalk
