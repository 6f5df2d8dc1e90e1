// The walk over pages, on heaps written for every layout.

#include "analysis/census_walk.h"
#include "analysis/page_audit.h"
#include "base/progress.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/layout_parser.h"
#include "v8/object_view.h"
#include "v8/page_walker.h"
#include "v8/size_calibration.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using test::PageId;
using v8::GapLabel;
using v8::tag;

/// What a walk reported, in order.
struct Stretch {
  AddressRange range;
  std::optional<GapLabel> gap;  // absent: an object
};

struct Recorder {
  struct MapData {};
  std::vector<Stretch> stretches;

  void object(Address address, v8::MapTable<MapData>::Entry& /*map*/, uint64_t size,
              const std::byte* /*bytes*/) {
    stretches.push_back({{address, size}, {}});
  }
  void gap(AddressRange range, GapLabel label) { stretches.push_back({range, label}); }
};

std::vector<Stretch> walk(const v8::Heap& heap, Address inside) {
  const v8::HeapPage* page = heap.page_of(inside);
  REQUIRE(page != nullptr);
  Recorder recorder;
  v8::PageWalker<Recorder>::Maps maps(heap);
  v8::PageWalker<Recorder>(*page, maps, recorder).walk();
  Address expected = page->area.begin();
  for (const Stretch& stretch : recorder.stretches) {
    CHECK(stretch.range.begin() == expected);  // no byte left out, none twice
    CHECK(!stretch.range.empty());
    expected = stretch.range.end();
  }
  CHECK(expected == page->area.end());
  return recorder.stretches;
}

/// Bytes of the page with that label.
uint64_t bytes_of(const std::vector<Stretch>& stretches, GapLabel label) {
  uint64_t sum = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.gap == label) sum += stretch.range.size();
  }
  return sum;
}

bool has_object_at(const std::vector<Stretch>& stretches, Address address) {
  for (const Stretch& stretch : stretches) {
    if (!stretch.gap && stretch.range.begin() == address) return true;
  }
  return false;
}

TEST_CASE("every byte of a healthy page is an object, a filler or free space", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const auto point = build.add_class("Point", 2);
  build.add_instance(point);
  build.add_free_space(64);
  build.add_filler();
  const Address array = build.add_array({build.null(), build.undefined()});
  build.add_string("odd");
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, array);
  CHECK(has_object_at(stretches, array));
  for (const Stretch& stretch : stretches) CHECK(!stretch.gap);
}

TEST_CASE("sizes follow from the length as each type stores it", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const std::pair<Address, uint64_t> expected[] = {
      {build.add_sized("FIXED_ARRAY", 5), 16 + 5 * 8},
      {build.add_sized("FIXED_DOUBLE_ARRAY", 3), 16 + 3 * 8},
      {build.add_sized("BYTE_ARRAY", 5), 24},
      {build.add_sized("SEQ_ONE_BYTE_STRING", 9), 16 + 16},
      {build.add_sized("SEQ_TWO_BYTE_STRING", 9), 16 + 24},
      {build.add_sized("PROPERTY_ARRAY", 6), 16 + 6 * 8},
      {build.add_sized("BIG_INT_BASE", 4), 16 + 4 * 8},
      {build.add_sized("FIXED_ARRAY", 0), 16},
  };
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, expected[0].first);
  for (const auto& [object, size] : expected) {
    const auto found = std::find_if(
        stretches.begin(), stretches.end(),
        [start = object](const Stretch& s) { return s.range.begin() == start && !s.gap; });
    REQUIRE(found != stretches.end());
    CHECK(found->range.size() == size);
  }
}

TEST_CASE("the hash in a property array's length word is no part of its length", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address array = build.add_sized("PROPERTY_ARRAY", 3);
  build.write(array + 8, HeapBuilder::smi(3 | 0x155 << 10));
  const FoundHeap heap(build);
  CHECK(bytes_of(walk(*heap, array), GapLabel::kDamaged) == 0);
}

TEST_CASE("WebAssembly structs have their size in two bytes of the map, in bytes or words",
          "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  if (!build.layout().size_rules.contains("WASM_STRUCT")) return;  // behind a flag until V8 9
  constexpr uint16_t kSize = 0x28;
  const uint16_t unit = GENERATE(as<uint16_t>{}, 1, 8);
  const Address map = build.add_map({.type = "WASM_STRUCT"});
  build.write(map + build.layout().map.in_object_start_or_constructor_index.offset(),
              static_cast<uint16_t>(kSize / unit));
  const Address first = build.allocate(kSize);
  const Address second = build.allocate(kSize);
  build.write(first, tag(map));
  build.write(second, tag(map));
  build.add_array(std::vector<v8::TaggedWord>(100, build.null()));  // no place to go on at
  v8::Layout layout = build.layout();
  NoProgress progress;
  const auto memory = build.memory();
  const auto heap = v8::Heap::find(*memory, layout, progress);
  const auto notes = v8::calibrate_sizes(layout, *heap);
  CHECK(notes.size() == (unit == build.layout().size_rules.at("WASM_STRUCT").element ? 0 : 1));
  const auto stretches = walk(*heap, first);
  CHECK(has_object_at(stretches, first));
  CHECK(has_object_at(stretches, second));
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 0);
}

TEST_CASE("an alternative size rule is taken if the process goes by it", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const auto& alternatives = build.layout().size_alternatives;
  if (!alternatives.contains("FREE_SPACE")) return;
  v8::Layout process = build.layout();
  process.size_rules["FREE_SPACE"] = alternatives.at("FREE_SPACE");
  v8::LayoutAccess::resolve(process);
  HeapBuilder written(process);
  const Address object = written.add_array({});
  v8::Layout layout = build.layout();
  NoProgress progress;
  const auto memory = written.memory();
  const auto heap = v8::Heap::find(*memory, layout, progress);
  CHECK(v8::calibrate_sizes(layout, *heap).size() == 1);
  CHECK(bytes_of(walk(*heap, object), GapLabel::kDamaged) == 0);
}

TEST_CASE("an open allocation area is unused, not damaged", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address before = build.add_array({});
  const Address open = build.top(build.first_page());
  build.open_area(build.first_page(), 256);
  const Address after = build.add_array({});
  for (uint64_t at = 0; at < 256; at += 8) build.write(open + at, ~uint64_t{0});
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, before);
  CHECK(bytes_of(stretches, GapLabel::kUnused) == 256);
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 0);
  CHECK(has_object_at(stretches, after));
}

TEST_CASE("new space is unused from its top to the end of the page", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const PageId page = build.add_page({.space = "new_space"});
  build.use_page(page);
  const Address object = build.add_array({});
  build.open_area(page, 64);  // the limit is a step; what follows was never handed out
  const uint64_t rest = build.area(page).end() - object - 16;
  for (uint64_t at = 0; at < rest; at += 8) build.write(object + 16 + at, uint64_t{0xbad1});
  build.leave_rest_unused(page);
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, object);
  CHECK(has_object_at(stretches, object));
  CHECK(bytes_of(stretches, GapLabel::kUnused) == rest);
}

TEST_CASE("pages of the semi-space that is copied out of hold no objects", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  if (build.layout().page_flags.from_page == 0) return;  // this V8 has no such flag
  const PageId page = build.add_page({.space = "new_space", .from_page = true});
  build.use_page(page);
  const Address stale = build.add_array({});
  const FoundHeap heap(build);
  CHECK(bytes_of(walk(*heap, stale), GapLabel::kUnused) == build.area(page).size());
}

TEST_CASE("new-space pages that allocation has not reached hold no objects", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const PageId current = build.add_page({.space = "new_space"});
  const PageId next = build.add_page({.space = "new_space"});
  build.link_pages(current, next);
  build.link_pages(next, current);  // a hostile ring must end too
  build.use_page(next);
  const Address stale = build.add_array({});
  build.use_page(current);
  build.open_area(current, 64);
  const FoundHeap heap(build);
  if (!build.layout().page.list_next.present()) return;
  CHECK(bytes_of(walk(*heap, stale), GapLabel::kUnused) == build.area(next).size());
}

TEST_CASE("a new-space page that V8 took out of the list holds no objects", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  if (!build.layout().page.list_next.present()) return;
  const PageId first = build.add_page({.space = "new_space"});
  const PageId current = build.add_page({.space = "new_space"});
  const PageId given_back = build.add_page({.space = "new_space"});
  build.link_pages(first, current);
  build.use_page(first);
  const Address object = build.add_array({});
  build.leave_rest_unused(first);
  build.use_page(given_back);
  const Address stale = build.add_array({});
  build.use_page(current);
  build.open_area(current, 64);
  const FoundHeap heap(build);
  CHECK(has_object_at(walk(*heap, object), object));
  CHECK(bytes_of(walk(*heap, stale), GapLabel::kUnused) == build.area(given_back).size());
}

TEST_CASE("the walk goes on behind damage", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address before = build.add_array({});
  const Address hurt = build.add_array({build.null(), build.null()});
  const Address after = build.add_array({build.null()});
  build.add_array({});
  build.write(hurt, uint64_t{0xdeadbeef});
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, before);
  CHECK(has_object_at(stretches, before));
  CHECK(has_object_at(stretches, after));
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 32);
}

TEST_CASE("a map word that points to no map is damage", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address hurt = build.add_array({build.null()});
  const Address after = build.add_array({});
  build.add_array({});
  const uint64_t bad = GENERATE(as<uint64_t>{}, 1, 2, 3, 0x7fffffffffff, ~uint64_t{0});
  build.write(hurt, bad);
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, hurt);
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 24);
  CHECK(has_object_at(stretches, after));
}

TEST_CASE("a map word that points to another object is damage", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address hurt = build.add_array({build.null()});
  const Address after = build.add_array({});
  build.add_array({});
  build.write(hurt, tag(after));
  const FoundHeap heap(build);
  CHECK(bytes_of(walk(*heap, hurt), GapLabel::kDamaged) == 24);
}

TEST_CASE("a length beyond the page damages one object, not the page", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address hurt = build.add_array({build.null()});
  const Address after = build.add_array({});
  build.add_array({});
  const int32_t length = GENERATE(2000, 0x7fffffff, -1);
  build.write(hurt + 8, HeapBuilder::smi(length));
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, hurt);
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 24);
  CHECK(has_object_at(stretches, after));
}

TEST_CASE("dead objects without maps on an unswept page are not damage", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const PageId page = build.add_page({.unswept = true});
  build.use_page(page);
  const Address dead = build.add_array({build.null()});
  build.add_array({});
  build.add_array({});
  build.write(dead, uint64_t{0x1231});
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, dead);
  CHECK(bytes_of(stretches, GapLabel::kUnswept) == 24);
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 0);
}

TEST_CASE("an object that a collection moved counts once, where its copy is", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address copy = build.add_array({build.null()});
  build.use_page(build.add_page({}));
  const Address moved = build.add_array({build.null()});
  const Address after = build.add_array({});
  build.write(moved, copy.value());
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, moved);
  CHECK_FALSE(has_object_at(stretches, moved));
  CHECK(has_object_at(stretches, after));
  CHECK(bytes_of(stretches, GapLabel::kUnswept) == 24);
  CHECK(has_object_at(walk(*heap, copy), copy));
}

TEST_CASE("zeros where V8 keeps objects are damage, not unused memory", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address before = build.add_array({});
  const Address lost = build.add_array({build.null(), build.null()});
  const Address after = build.add_array({});
  build.add_array({});
  for (uint64_t at = 0; at < 32; at += 8) build.write(lost + at, uint64_t{0});
  build.leave_rest_unused(build.first_page());
  const uint64_t rest = build.area(build.first_page()).end() - build.top(build.first_page());
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, before);
  CHECK(has_object_at(stretches, after));
  CHECK(bytes_of(stretches, GapLabel::kDamaged) == 32 + rest);
  CHECK(bytes_of(stretches, GapLabel::kUnused) == 0);
}

TEST_CASE("bytes that the core lacks are missing, and the rest of their page is read",
          "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const PageId page = build.add_page({.bytes = 0x8000});
  build.use_page(page);
  const Address first = build.add_array({});
  while (build.top(page) < build.area(page).begin() + 0x3000) build.add_array({});
  const Address last = build.add_array({});
  const AddressRange hole{build.chunk(page) + 0x2000, uint64_t{0x1000}};
  const Residency why = GENERATE(Residency::kNotInCore, Residency::kTruncated);
  const FoundHeap heap(build, {{hole, why}});
  const auto stretches = walk(*heap, first);
  CHECK(has_object_at(stretches, first));
  CHECK(has_object_at(stretches, last));
  CHECK(bytes_of(stretches, GapLabel::kMissing) == hole.size());
}

TEST_CASE("a page with none of its bytes in the core is missing as a whole", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address object = build.add_array({});
  const AddressRange area = build.area(build.first_page());
  const FoundHeap heap(build, {{area, Residency::kTruncated}});
  CHECK(bytes_of(walk(*heap, object), GapLabel::kMissing) == area.size());
}

TEST_CASE("a large page is found by any address in its object", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const PageId page =
      build.add_page({.space = "large_object_space", .bytes = 0x100000, .large = true});
  build.use_page(page);
  const Address array = build.add_sized("FIXED_ARRAY", 0xff000 / 8 - 2);
  const FoundHeap heap(build);
  const v8::HeapPage* found = heap->page_of(array + 0xf0000);
  REQUIRE(found != nullptr);
  CHECK(found->large);
  CHECK(walk(*heap, array + 0xf0000).size() == 1);
}

TEST_CASE("V8's own count of a page's bytes is met to the byte", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  build.add_array({build.null()});
  build.add_free_space(48);
  build.add_string("text");
  build.open_area(build.first_page(), 128);
  const FoundHeap heap(build);
  NoProgress progress;
  const auto audits = audit_pages(*heap, progress);
  const AllocatedBytesCheck check = compare_allocated_bytes(*heap, audits);
  CHECK(check.compared == 1);
  CHECK(check.equal == 1);
}

TEST_CASE("many pages, walked by many threads, add up", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const v8::FieldOffset& elements = build.layout().object.elements;
  const Address map = build.add_map({.type = "JS_ARRAY", .words = 4});
  Address store = build.add_array({build.null(), build.null()});
  for (int page = 0; page < 100; ++page) {
    build.use_page(build.add_page({}));
    const Address array = build.add_object(map, {});
    build.write(array + elements.offset(), tag(store));  // on the page before
    store = build.add_array({build.null(), build.null()});
  }
  const FoundHeap heap(build);
  NoProgress progress;
  const Census census = take_census(*heap, {}, progress);
  uint64_t audited = 0;
  for (const PageAudit& audit : audit_pages(*heap, progress))
    audited += audit.coverage.object_bytes;
  CHECK(census.object_bytes == audited);
  uint64_t shallow = 0;
  uint64_t arrays = 0;
  for (const CensusRow& row : census.rows) {
    shallow += row.shallow_bytes;
    if (row.shallow_bytes > row.self_bytes) arrays += row.count;
  }
  CHECK(shallow == census.object_bytes);
  CHECK(arrays == 100);
}

TEST_CASE("an object that a collection has just moved is read where it is now", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Address now = build.add_array({HeapBuilder::smi(7)});
  const Address before = build.add_array({HeapBuilder::smi(7)});
  build.write(before, now.value());
  const Address circle = build.add_array({});
  build.write(circle, circle.value());
  const FoundHeap heap(build);
  CHECK(heap->moved_to(before) == now);
  CHECK(heap->moved_to(now) == now);
  const auto object = v8::ObjectView::load(*heap, before);
  REQUIRE(object);
  CHECK(object->address() == now);
  CHECK_FALSE(v8::ObjectView::load(*heap, circle));
}

// What a collection left that the process did not survive.

void die_in(HeapBuilder& build, v8::GcState state) {
  build.write(build.heap() + build.layout().isolate.gc_state.offset(),
              static_cast<uint32_t>(state));
}

/// Sets the mark bit of an object, and that of its second word, as V8 up to 11 does.
void mark(HeapBuilder& build, PageId page, Address bitmap, Address object) {
  for (const Address word : {object, object + 8}) {
    const uint64_t bit = (word - build.chunk(page)) / 8;
    const auto old = build.read<uint8_t>(bitmap + bit / 8);
    build.write(bitmap + bit / 8, static_cast<uint8_t>(old | 1U << bit % 8));
  }
}

/// Where the marking bitmap of a page lies; of V8 up to 8.4 it is given a place.
Address marking_bitmap(HeapBuilder& build, PageId page) {
  const v8::PageFields& fields = build.layout().page;
  if (fields.marking_bitmap.present()) {
    return build.metadata(page) + fields.marking_bitmap.offset();
  }
  build.use_page(build.first_page());
  const Address bytes = build.add_sized("BYTE_ARRAY", 0x200);
  build.write(build.metadata(page) + fields.marking_bitmap_pointer.offset(), bytes.value() + 16);
  return bytes + 16;
}

/// A page of from-space with an object that was moved, one that was not, and garbage; and an array
/// that refers to the first two.
struct Evacuation {
  explicit Evacuation(HeapBuilder& build)
      : copy(build.add_array({build.null(), build.undefined()})),
        from(build.add_page({.space = "new_space", .from_page = true})) {
    build.use_page(from);
    moved = build.add_array({build.null(), build.undefined()});
    garbage = build.add_array({build.null()});
    unmoved = build.add_array({tag(moved)});
    build.write(moved, copy.value());
    build.use_page(build.first_page());
    holder = build.add_array({tag(moved), tag(unmoved), moved.value() | 3});
  }

  Address copy;
  PageId from;
  Address moved;
  Address garbage;
  Address unmoved;
  Address holder;
};

TEST_CASE("of a collection cut short, marked objects that were not moved count", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Evacuation gc(build);
  const Address bitmap = marking_bitmap(build, gc.from);
  mark(build, gc.from, bitmap, gc.moved);
  mark(build, gc.from, bitmap, gc.unmoved);
  die_in(build, v8::GcState::kMarkCompact);
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, gc.unmoved);
  CHECK(has_object_at(stretches, gc.unmoved));
  CHECK_FALSE(has_object_at(stretches, gc.moved));
  CHECK_FALSE(has_object_at(stretches, gc.garbage));
  CHECK(bytes_of(stretches, GapLabel::kUnswept) == build.area(gc.from).size() - 24);
}

TEST_CASE("of a scavenge cut short, all objects that were not moved count", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Evacuation gc(build);
  die_in(build, v8::GcState::kScavenge);
  const FoundHeap heap(build);
  const auto stretches = walk(*heap, gc.unmoved);
  CHECK(has_object_at(stretches, gc.unmoved));
  CHECK(has_object_at(stretches, gc.garbage));
  CHECK_FALSE(has_object_at(stretches, gc.moved));
}

TEST_CASE("references to moved objects are mended", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Evacuation gc(build);
  die_in(build, GENERATE(v8::GcState::kMarkCompact, v8::GcState::kScavenge));
  const FoundHeap heap(build);
  const auto element = [&](uint64_t i) {
    return *heap->read<v8::TaggedWord>(gc.holder, 16 + i * 8, "element");
  };
  CHECK(element(0) == tag(gc.copy));
  CHECK(element(1) == tag(gc.unmoved));
  CHECK(element(2) == (gc.copy.value() | 3));  // weak ones too
  CHECK(*heap->read<v8::TaggedWord>(gc.unmoved, 16, "element") == tag(gc.copy));
  CHECK(*heap->map_of(gc.holder) == v8::untag(build.read<v8::TaggedWord>(gc.holder)));
}

TEST_CASE("without a collection nothing is mended", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Evacuation gc(build);
  const FoundHeap heap(build);
  CHECK(*heap->read<v8::TaggedWord>(gc.holder, 16, "element") == tag(gc.moved));
  CHECK(bytes_of(walk(*heap, gc.unmoved), GapLabel::kUnused) == build.area(gc.from).size());
}

TEST_CASE("forwarding addresses and bitmaps that lead nowhere do no harm", "[v8][walk]") {
  HeapBuilder build(test::each_layout());
  const Evacuation gc(build);
  const auto nowhere = GENERATE(uint64_t{8}, uint64_t{0x7fffffffff8}, ~uint64_t{7});
  build.write(gc.moved, nowhere);
  const auto& pointer = build.layout().page.marking_bitmap_pointer;
  if (pointer.present()) build.write(build.metadata(gc.from) + pointer.offset(), nowhere);
  die_in(build, v8::GcState::kMarkCompact);
  const FoundHeap heap(build);
  CHECK(*heap->read<v8::TaggedWord>(gc.holder, 16, "element") == tag(gc.moved));
  CHECK_FALSE(has_object_at(walk(*heap, gc.unmoved), gc.unmoved));
}

}  // namespace
}  // namespace corewalk
