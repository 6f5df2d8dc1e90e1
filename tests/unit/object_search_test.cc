// Closures by definition, strings by text, copies of strings: on heaps of every layout.
#include "analysis/duplicate_strings.h"
#include "analysis/function_finder.h"
#include "analysis/string_finder.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;

TEST_CASE("closures are counted by the SharedFunctionInfo they have in common", "[search]") {
  HeapBuilder build(test::each_layout());
  const Address often = build.add_shared(tag(build.name("often")));
  const Address once = build.add_shared(tag(build.name("once")));
  const Address first = build.add_function(often);
  const Address second = build.add_function(often);
  build.add_function(once);
  const FoundHeap heap(build);
  NoProgress progress;
  const FunctionReport report = find_functions(*heap, {}, progress);
  const auto row = std::find_if(report.rows.begin(), report.rows.end(),
                                [](const FunctionRow& r) { return r.name == "often"; });
  REQUIRE(row != report.rows.end());
  CHECK(row->count == 2);
  CHECK(row->shared == Address(tag(often)));
  CHECK(row->sample == Address(tag(std::min(first, second))));
  CHECK(report.extent.coverage.complete());
  const ClosureLists lists = find_closures(*heap, {row->shared}, {}, progress);
  CHECK(lists.at(row->shared) == std::vector{Address(tag(first)), Address(tag(second))});
}

std::vector<Address> found(const v8::Heap& heap, const StringQuery& query) {
  NoProgress progress;
  std::vector<Address> addresses;
  for (const StringHit& hit : find_strings(heap, query, progress).hits) {
    addresses.push_back(v8::untag(hit.address.value()));
  }
  return addresses;
}

TEST_CASE("a text is found in strings of every representation", "[search]") {
  HeapBuilder build(test::each_layout());
  constexpr Address kChars{0x300000000000};
  build.add_block(kChars, 64);
  for (uint64_t i = 0; i < 20; ++i) build.write(kChars + i, static_cast<char>('a' + i));
  const Address flat = build.add_string("find the needle here");
  const Address wide = build.add_wide_string(u"\u4e2d needle");
  const Address external = build.add_external_string(kChars, 20);
  const Address sliced = build.add_sliced(flat, 9, 6);
  build.add_sliced(flat, 0, 6);
  build.add_thin(build.name("needle of a thin string"), 23);
  const Address inner = build.add_cons(build.add_string("nee"), build.add_string("dle"), 6);
  const Address outer = build.add_cons(inner, build.add_string("!"), 7);
  const FoundHeap heap(build);
  const Address name = build.name("needle of a thin string");
  std::vector expected{flat, wide, sliced, outer, name};
  std::sort(expected.begin(), expected.end());
  CHECK(found(*heap, {.pattern = "needle"}) == expected);
  CHECK(found(*heap, {.pattern = "\u4e2d n"}) == std::vector{wide});
  CHECK(found(*heap, {.pattern = "cdef"}) == std::vector{external});
  CHECK(found(*heap, {.pattern = "n.{4}e h", .is_regex = true}) == std::vector{flat});
  CHECK(found(*heap, {.pattern = "needle", .min_length = 21}) == std::vector{name});
}

TEST_CASE("a hit is shown with what stands around it", "[search]") {
  HeapBuilder build(*test::all_layouts().back());
  build.add_string("0123456789needle0123456789");
  const FoundHeap heap(build);
  NoProgress progress;
  const StringSearch search =
      find_strings(*heap, {.pattern = "needle", .context_units = 4}, progress);
  REQUIRE(search.hits.size() == 1);
  const StringHit& hit = search.hits[0];
  CHECK(hit.before + "|" + hit.hit + "|" + hit.after == "6789|needle|0123");
  CHECK(hit.position == 10);
  CHECK(hit.length == 26);
  CHECK_FALSE(hit.begins);
  CHECK_FALSE(hit.ends);
}

TEST_CASE("copies are equal texts, however wide their characters are", "[search]") {
  HeapBuilder build(test::each_layout());
  const Address first = build.add_string("the same words");
  build.add_string("the same words");
  build.add_wide_string(u"the same words");
  build.add_string("other words");
  build.add_sliced(first, 0, 14);
  const FoundHeap heap(build);
  NoProgress progress;
  const DuplicateReport report = find_duplicate_strings(*heap, {}, progress);
  REQUIRE(report.rows.size() == 1);
  CHECK(report.rows[0].count == 3);
  CHECK(report.rows[0].length == 14);
  CHECK(report.rows[0].sample == Address(tag(first)));
  const uint64_t narrow = 32;  // 12 or 16 bytes of header, 14 characters, whole words
  CHECK(report.rows[0].waste_bytes == report.rows[0].bytes - narrow);
  CHECK(report.copies == 2);
  CHECK(report.sliced == 1);
  CHECK(find_duplicate_strings(*heap, {.min_length = 15}, progress).rows.empty());
}

}  // namespace
}  // namespace corewalk
