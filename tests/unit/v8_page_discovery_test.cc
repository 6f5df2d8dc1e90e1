// Finding pages and isolates, and what must not be taken for one.

#include "base/progress.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/isolate_finder.h"
#include "v8/layout_check.h"
#include "v8/layout_library.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using test::PageId;

/// A word of a page's header, where the layout has it.
Address header_word(const HeapBuilder& build, PageId page, const v8::FieldOffset& field) {
  return build.metadata(page) + field.offset();
}

TEST_CASE("every page of every isolate is found, in order of address", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const size_t worker = build.add_isolate();
  const PageId page = build.add_page({.isolate = worker});
  build.use_page(page);
  const Address object = build.add_array({});
  const FoundHeap heap(build);
  REQUIRE(heap->isolates().size() == 2);
  CHECK(heap->isolates()[0].address == build.isolate(0));
  CHECK(heap->isolates()[1].address == build.isolate(1));
  REQUIRE(heap->pages().size() == 3);
  CHECK(heap->pages()[0].isolate == v8::kSharedByAll);
  CHECK(heap->space_name(heap->pages()[0]) == "read_only_space");
  CHECK(heap->pages()[1].isolate == 0);
  CHECK(heap->space_name(heap->pages()[1]) == "old_space");
  CHECK(heap->pages()[2].isolate == 1);
  CHECK(heap->page_of(object)->isolate == 1);
  CHECK(heap->rejected().empty());
}

TEST_CASE("an address outside every object area has no page", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const FoundHeap heap(build);
  const AddressRange area = build.area(build.first_page());
  CHECK(heap->page_of(area.begin()) != nullptr);
  CHECK(heap->page_of(area.begin() - 1) == nullptr);  // the page's header
  CHECK(heap->page_of(area.end()) == nullptr);
  CHECK(heap->page_of(Address(0)) == nullptr);
  CHECK(heap->page_of(Address(~uint64_t{0})) == nullptr);
}

TEST_CASE("memory with a page header that does not fit is no page", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const v8::PageFields& fields = build.layout().page;
  const PageId page = build.add_page({});
  const uint64_t chunk = build.chunk(page).value();
  const auto [field, value] = GENERATE_COPY(table<v8::FieldOffset, uint64_t>({
      {fields.size, 0},
      {fields.size, 0x1001},
      {fields.size, 0x800},
      {fields.area_start, 0},
      {fields.area_start, chunk},
      {fields.area_start, chunk + 0x1004},
      {fields.area_start, chunk + 0x8000},
      {fields.area_end, 0},
      {fields.area_end, chunk + 0x1000},
      {fields.area_end, chunk + 0x4001},
      {fields.area_end, chunk + 0x5000},
      {fields.area_end, ~uint64_t{7}},
      {fields.owner, 0},
      {fields.owner, 0x1230},
      {fields.heap, 0},
      {fields.chunk, 0},
      {fields.chunk, chunk + 0x40000},
  }));
  build.write(header_word(build, page, field), value);
  const FoundHeap heap(build);
  CHECK(heap->isolates().size() == 1);
  CHECK(heap->page_of(build.area(page).begin()) == nullptr);
}

TEST_CASE("pages of a heap without a roots table are turned down, with the reason", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const size_t other = build.add_isolate();
  build.add_page({.isolate = other});
  const auto meta_map = build.layout().root("meta_map");
  REQUIRE(meta_map);
  const Address root =
      build.isolate(other) + build.layout().isolate.roots.offset() + uint64_t{*meta_map} * 8;
  build.write(root, GENERATE(as<uint64_t>{}, 0, 1, 0x4141414141414141));
  const FoundHeap heap(build);
  CHECK(heap->isolates().size() == 1);
  REQUIRE(heap->rejected().size() == 1);
  CHECK(heap->rejected()[0].heap == build.heap(other));
  CHECK(heap->rejected()[0].pages == 1);
  CHECK_THAT(heap->rejected()[0].reason, test::contains_text("roots table"));
}

TEST_CASE("an isolate whose heap lies elsewhere than the layout says is found by its roots",
          "[v8][pages]") {
  v8::Layout process = test::each_layout();
  process.isolate.heap.set(process.isolate.heap.offset() + 0x48, v8::Provenance::kLayoutFile);
  HeapBuilder build(process);
  NoProgress progress;
  const auto memory = build.memory();
  const auto stated = v8::LayoutLibrary::find(process.version);
  const auto heap = v8::Heap::find(*memory, *stated, progress);
  REQUIRE(heap->isolates().size() == 1);
  CHECK(heap->isolates()[0].address == build.isolate());
  CHECK_THAT(v8::calibration_note(*heap), test::contains_text("Isolate.heap"));
}

TEST_CASE("a page that another links to but that is not there is known to be lost", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  if (!build.layout().page.list_next.present()) return;
  const auto there = build.add_page({.space = "old_space"});
  const auto zeroed = build.add_page({.space = "old_space"});
  build.link_pages(build.first_page(), there);
  build.link_pages(there, zeroed);
  build.write(build.metadata(zeroed) + build.layout().page.size.offset(), uint64_t{0});
  const FoundHeap heap(build);
  REQUIRE(heap->lost_pages().size() == 1);
  CHECK(heap->lost_pages()[0].metadata == build.metadata(zeroed));
  CHECK(heap->lost_pages()[0].isolate == 0);
}

TEST_CASE("lists that run in circles end", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const v8::Layout& layout = build.layout();
  const PageId page = build.add_page({.space = "new_space"});
  build.use_page(page);
  build.add_array({});
  build.open_area(page, 16);
  build.link_pages(page, page);
  if (layout.local_heap.next.present()) {
    const Address local(build.read<uint64_t>(build.heap() + layout.local_heap.main.offset()));
    build.write(local + layout.local_heap.next.offset(), local.value());
    build.write(local + layout.local_heap.prev.offset(), local.value());
  }
  const FoundHeap heap(build);
  CHECK(heap->isolates().size() == 1);
}

TEST_CASE("allocation areas that lie nowhere, or backwards, are passed over", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const PageId page = build.first_page();
  build.add_array({});
  const Address top = build.top(page);
  build.open_area(page, 64);
  build.write(top, uint64_t{0xbad1});
  // The two words are where open_area() put them: find them by their value.
  Address word;
  for (const auto& [begin, bytes] : build.blocks()) {
    for (uint64_t at = 0; at + 16 <= bytes.size(); at += 8) {
      if (build.read<uint64_t>(begin + at) == top.value()) word = begin + at;
    }
  }
  REQUIRE_FALSE(word.is_null());
  const auto [new_top, limit] = GENERATE_COPY(table<uint64_t, uint64_t>({
      {0, 0},
      {top.value() + 64, top.value()},
      {top.value() + 4, top.value() + 64},
      {0x7000, 0x8000},
      {~uint64_t{7}, ~uint64_t{0}},
      {top.value(), ~uint64_t{0}},
  }));
  build.write(word, new_top);
  build.write(word + 8, limit);
  const FoundHeap heap(build);
  const v8::HeapPage* found = heap->page_of(top);
  REQUIRE(found != nullptr);
  for (const AddressRange& range : found->unformatted) CHECK(found->area.contains(range));
}

TEST_CASE("a page that claims more than the process has costs no memory", "[v8][pages]") {
  HeapBuilder build(test::each_layout());
  const v8::PageFields& fields = build.layout().page;
  const PageId page = build.add_page({.space = "large_object_space", .large = true});
  constexpr uint64_t kClaimed = uint64_t{1} << 33;
  const Address end = build.chunk(page) + kClaimed;
  build.write(header_word(build, page, fields.size), kClaimed);
  build.write(header_word(build, page, fields.area_end), end.value());
  const bool is_mapped = GENERATE(false, true);
  std::vector<HeapBuilder::Missing> missing;
  if (is_mapped) missing.push_back({{build.chunk(page) + 0x4000, end}, Residency::kTruncated});
  const FoundHeap heap(build, missing);
  const v8::HeapPage* found = heap->page_of(build.area(page).begin());
  REQUIRE((found != nullptr) == is_mapped);
  if (!is_mapped) return;
  CHECK(found->copy == nullptr);
  CHECK(found->bytes.size() == 0);
  CHECK(found->missing == std::vector{found->area});
}

TEST_CASE("a layout fits the heap that was written in it", "[v8][check]") {
  HeapBuilder build(test::each_layout());
  const FoundHeap heap(build);
  const auto checks = v8::check_layout(*heap);
  INFO(v8::describe_failures(checks));
  CHECK(v8::all_passed(checks));
}

TEST_CASE("a layout is refused for the heap of another version", "[v8][check]") {
  const v8::Layout& layout = test::each_layout();
  HeapBuilder build(layout);
  const auto memory = build.memory();
  NoProgress progress;
  for (const auto& other : test::all_layouts()) {
    if (other->version == layout.version) continue;
    const auto heap = v8::Heap::find(*memory, *other, progress);
    INFO("read as " << other->version);
    CHECK_FALSE(v8::all_passed(v8::check_layout(*heap)));
  }
}

/// The failure that `check_layout` names after `build` was damaged.
std::string failures(HeapBuilder& build) {
  const FoundHeap heap(build);
  return v8::describe_failures(v8::check_layout(*heap));
}

TEST_CASE("each check of a layout can fail, and names what is wrong", "[v8][check]") {
  HeapBuilder build(test::each_layout());
  SECTION("no isolate") {
    build.write(header_word(build, build.first_page(), build.layout().page.heap), uint64_t{0});
    CHECK_THAT(failures(build), test::contains_text("isolates: 0 confirmed"));
  }
  SECTION("a string root that reads otherwise") {
    build.set_root("constructor_string", v8::tag(build.name("destructor")));
    CHECK_THAT(failures(build), test::contains_text("root strings"));
    CHECK_THAT(failures(build), test::contains_text("constructor_string"));
  }
  SECTION("an oddball that prints otherwise") {
    build.set_root("undefined_value", build.null());
    CHECK_THAT(failures(build), test::contains_text("undefined_value"));
  }
  SECTION("a symbol without its description") {
    build.set_root("to_string_tag_symbol", HeapBuilder::smi(1));
    CHECK_THAT(failures(build), test::contains_text("to_string_tag_symbol"));
  }
  SECTION("a process without V8") {
    const SegmentedMemory empty({});
    NoProgress progress;
    const auto heap = v8::Heap::find(empty, build.layout(), progress);
    CHECK_FALSE(v8::all_passed(v8::check_layout(*heap)));
  }
}

}  // namespace
}  // namespace corewalk
