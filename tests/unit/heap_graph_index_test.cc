// Numbers of objects, on heaps written for every layout.

#include <algorithm>
#include <vector>

#include "base/progress.h"
#include "heap_graph/object_index.h"
#include "support/catch.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using test::PageId;

ObjectIndex index_of(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate = {}) {
  NoProgress progress;
  return ObjectIndex::build(heap, isolate, progress);
}

/// The objects of a heap as the walk of its pages has them.
struct Walked {
  struct MapData {};
  std::vector<Address> objects;
  void object(Address address, const v8::MapTable<MapData>::Entry& map, uint64_t /*size*/,
              const std::byte* /*bytes*/) {
    if (!v8::is_free(map.info.tag)) objects.push_back(address);
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}
};

std::vector<Address> walk(const v8::Heap& heap) {
  Walked walked;
  v8::MapTable<Walked::MapData> maps(heap);
  for (const v8::HeapPage& page : heap.pages()) {
    v8::PageWalker<Walked>(page, maps, walked).walk();
  }
  return walked.objects;
}

TEST_CASE("every object has a number, and nothing else has", "[heap_graph][index]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  build.use_page(build.add_page({}));
  const Address before = build.add_array({build.null()});
  const Address filler = build.add_filler();
  const Address hole = build.add_free_space(64);
  const Address after = build.add_array({build.null()});
  const FoundHeap heap(build);
  const ObjectIndex index = index_of(*heap);
  std::vector<Address> objects = walk(*heap);
  std::sort(objects.begin(), objects.end());
  REQUIRE(index.size() == objects.size());
  std::vector<Address> numbered;
  for (ObjectNumber i = 0; i < index.size(); ++i) {
    numbered.push_back(index.address_of(i));
    CHECK(index.find(numbered.back()) == i);
  }
  CHECK(std::is_permutation(numbered.begin(), numbered.end(), objects.begin()));
  CHECK(index.find(before) + 1 == index.find(after));
  for (const Address nothing : {filler, hole, before + v8::kWordBytes, build.area(0).begin() - 8,
                                Address(), Address(0x7fffffffffffffff), Address(~uint64_t{0})}) {
    CHECK(index.find(nothing) == kNoObject);
  }
}

TEST_CASE("a cursor comes by every object, and finds any", "[heap_graph][index]") {
  HeapBuilder build(test::each_layout());
  const PageId empty = build.add_page({});
  build.use_page(build.add_page({}));
  for (int i = 0; i < 200; ++i) build.add_array({build.null()});
  build.leave_rest_unused(empty);
  build.use_page(build.add_page({.space = "large_object_space", .large = true}));
  build.add_sized("FIXED_ARRAY", 1000);
  const FoundHeap heap(build);
  const ObjectIndex index = index_of(*heap);
  ObjectIndex::Cursor walking(index);
  walking.seek(0);
  ObjectIndex::Cursor jumping(index);
  for (ObjectNumber i = 0; i < index.size(); ++i) {
    CHECK(walking.next() == index.address_of(i));
    const ObjectNumber other = (i * 67) % index.size();
    CHECK(jumping.at(other) == index.address_of(other));
  }
}

TEST_CASE("an index of one isolate has its objects alone", "[heap_graph][index]") {
  HeapBuilder build(test::each_layout());
  const Address own = build.add_array({build.null()});
  const size_t second = build.add_isolate();
  build.use_page(build.add_page({.isolate = second}));
  const Address other = build.add_array({build.null()});
  const FoundHeap heap(build);
  REQUIRE(heap->isolates().size() == 2);
  const v8::IsolateIndex of_own = heap->page_of(own)->isolate;
  const ObjectIndex index = index_of(*heap, of_own);
  CHECK(index.find(own) != kNoObject);
  CHECK(index.find(other) == kNoObject);
  const ObjectIndex both = index_of(*heap);
  CHECK(both.find(other) != kNoObject);
  CHECK(both.size() > index.size());
}

TEST_CASE("pages that the core lacks have no numbers", "[heap_graph][index]") {
  HeapBuilder build(test::each_layout());
  const Address kept = build.add_array({build.null()});
  const PageId page = build.add_page({});
  build.use_page(page);
  const Address lost = build.add_array({build.null()});
  const FoundHeap heap(build, {{.range = build.area(page)}});
  const ObjectIndex index = index_of(*heap);
  CHECK(index.find(kept) != kNoObject);
  CHECK(index.find(lost) == kNoObject);
}

TEST_CASE("the numbers of a page are those between its first and the next's",
          "[heap_graph][index]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  const FoundHeap heap(build);
  const ObjectIndex index = index_of(*heap);
  const auto pages = index.pages();
  for (size_t i = 0; i < pages.size(); ++i) {
    const AddressRange area = heap->pages()[pages[i]].area;
    const ObjectNumber end = i + 1 < pages.size() ? index.first_of(pages[i + 1]) : index.size();
    for (ObjectNumber object = index.first_of(pages[i]); object < end; ++object) {
      CHECK(area.contains(index.address_of(object)));
    }
  }
}

}  // namespace
}  // namespace corewalk
