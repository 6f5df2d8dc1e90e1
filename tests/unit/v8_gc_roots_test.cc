// What the collector starts from, in memory written for every layout.

#include <algorithm>
#include <vector>

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/gc_roots.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::GcRoot;
using v8::kWordBytes;
using v8::RootCategory;
using v8::tag;

/// C++ objects of the made-up process lie here.
constexpr Address kNative{0x10000000};
constexpr uint64_t kNativeBytes = 0x20000;

/// A heap with one object that is no root's yet.
struct Process {
  HeapBuilder build{test::each_layout()};
  Address target = build.add_array({});

  Process() { build.add_block(kNative, kNativeBytes); }

  /// A word of the isolate behind all that has a fixed place.
  [[nodiscard]] Address free_word() const { return build.heap() + 0x400; }
  /// A vector of the target, `count` times, and undefined.
  void add_cache(Address place, Address elements, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) build.write(elements + i * kWordBytes, tag(target));
    build.write(elements + count * kWordBytes, build.root("undefined_value"));
    build.write(place, elements.value());
    build.write(place + kWordBytes, (elements + (count + 1) * kWordBytes).value());
    build.write(place + 2 * kWordBytes, (elements + (count + 2) * kWordBytes).value());
  }
  [[nodiscard]] std::vector<GcRoot> roots() {
    const FoundHeap heap(build);
    std::vector<GcRoot> found;
    for (const GcRoot& root : v8::find_gc_roots(*heap)) {
      if (v8::untag(root.word) == target) found.push_back(root);
    }
    return found;
  }
};

TEST_CASE("every layout lists the kinds of roots", "[v8][roots]") {
  const auto groups = v8::root_groups(test::each_layout());
  CHECK(groups.size() >= 23);
  for (const RootCategory category :
       {RootCategory::kGlobalHandles, RootCategory::kStackRoots, RootCategory::kStrongRootList,
        RootCategory::kStartupObjectCache}) {
    CHECK(std::count_if(groups.begin(), groups.end(), [&](const v8::RootGroup& group) {
            return group.category == category;
          }) == 1);
  }
}

TEST_CASE("a strong root is a root by its name", "[v8][roots]") {
  Process process;
  process.build.set_root("arguments_iterator_accessor", tag(process.target));
  const auto roots = process.roots();
  REQUIRE(roots.size() == 1);
  CHECK(roots[0].category == RootCategory::kStrongRootList);
  CHECK(roots[0].keeps_alive);
  const FoundHeap heap(process.build);
  CHECK(v8::RootEdgeNames(*heap).name(roots[0], 7) == "arguments_iterator_accessor");
}

TEST_CASE("a word of the isolate that V8 does not visit is no root", "[v8][roots]") {
  Process process;
  process.build.write(process.free_word(), tag(process.target));
  CHECK(process.roots().empty());
}

TEST_CASE("the deserializer's caches are roots up to their end", "[v8][roots]") {
  Process process;
  process.add_cache(process.free_word(), kNative + 0x1000, 2);
  process.add_cache(process.free_word() + 3 * kWordBytes, kNative + 0x2000, 1);
  process.build.write(kNative + 0x1000 + 3 * kWordBytes, tag(process.target));
  const auto roots = process.roots();
  REQUIRE(roots.size() == 3);
  CHECK(std::count_if(roots.begin(), roots.end(), [](const GcRoot& root) {
          return root.category == RootCategory::kStartupObjectCache;
        }) == 2);
  CHECK(std::count_if(roots.begin(), roots.end(), [](const GcRoot& root) {
          return root.category == RootCategory::kSharedHeapObjectCache;
        }) == 1);
}

TEST_CASE("a cache that is damaged has no roots", "[v8][roots]") {
  Process process;
  process.add_cache(process.free_word(), kNative + 0x1000, 2);
  process.build.write(process.free_word() + kWordBytes, uint64_t{1} << 60);
  CHECK(process.roots().empty());
}

}  // namespace
}  // namespace corewalk
