// Who refers to an object, on heaps written for every layout.

#include "analysis/reference_index.h"

#include <algorithm>
#include <utility>

#include "analysis/reference_finder.h"
#include "analysis/root_paths.h"
#include "base/progress.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;

constexpr uint64_t kFirstElement = 16;

TEST_CASE("every reference to an object is found, with its holder", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({});
  const Address near = build.add_array({build.null(), tag(target)});
  build.use_page(build.add_page({}));
  const Address far = build.add_array({tag(target), tag(target)});
  const FoundHeap heap(build);
  NoProgress progress;
  const ReferenceIndex index = ReferenceIndex::build(*heap, progress);
  CHECK(index.complete());
  auto found = index.to(target, 0);
  std::sort(found.begin(), found.end(), [](const Reference& a, const Reference& b) {
    return std::pair(a.holder, a.offset) < std::pair(b.holder, b.offset);
  });
  REQUIRE(found.size() == 3);
  const bool near_first = near < far;
  const Reference& one = found[near_first ? 0 : 2];
  CHECK(one.holder == near);
  CHECK(one.offset == kFirstElement + v8::kWordBytes);
  CHECK_FALSE(one.weak);
  CHECK(found[near_first ? 1 : 0].holder == far);
  CHECK(found[near_first ? 1 : 0].offset == kFirstElement);
  CHECK(index.to(target, 1).size() == 1);
  CHECK(index.to(near, 0).empty());
}

TEST_CASE("weak references are told, Smis and characters are none", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({});
  build.add_array({tag(target) | 2, HeapBuilder::smi(7)}, "WEAK_FIXED_ARRAY");
  const Address text = build.add_string("0123456789abcdef");
  build.write(text + 16, tag(target));
  const FoundHeap heap(build);
  NoProgress progress;
  const auto found = ReferenceIndex::build(*heap, progress).to(target, 0);
  REQUIRE(found.size() == 1);
  CHECK(found.front().weak);
}

TEST_CASE("what lies outside of the heap has no holders", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  build.add_array({build.null()});
  const FoundHeap heap(build);
  NoProgress progress;
  const ReferenceIndex index = ReferenceIndex::build(*heap, progress);
  CHECK(index.to(Address(0x1000), 0).empty());
  CHECK(index.to(Address(), 0).empty());
  CHECK(index.to(v8::untag(build.null()), 0).empty());  // read-only: not indexed
}

TEST_CASE("a holder is named with the property that holds", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session", 2);
  const Address user = build.add_array({});
  const Address object = build.add_instance(session, {HeapBuilder::smi(7), tag(user)});
  const FoundHeap heap(build);
  NoProgress progress;
  const ReferenceIndex index = ReferenceIndex::build(*heap, progress);
  const ReferenceFinder finder(*heap, index, {});
  const auto holders = finder.to_value(user, 0);
  REQUIRE(holders.size() == 1);
  CHECK(holders.front().address == Address(tag(object)));
  CHECK(holders.front().type == "Session");
  CHECK(holders.front().label == ".f1");
  const auto named = finder.by_property("f1", 0, progress);
  REQUIRE(named.size() == 1);
  CHECK(named.front().target == tag(user));
}

/// The ways up from the holders of `target`, where the words of `held` are roots.
RootPaths ways_up(HeapBuilder& build, Address target, const std::vector<Address>& held) {
  const FoundHeap heap(build);
  NoProgress progress;
  const ReferenceIndex index = ReferenceIndex::build(*heap, progress);
  std::vector<v8::Root> roots;
  for (const Address object : held) {
    roots.push_back({.kind = v8::RootKind::kGlobalHandle, .word = tag(object)});
  }
  const ReferenceFinder finder(*heap, index, roots);
  return find_root_paths(finder, finder.to_value(target, 0), progress);
}

TEST_CASE("each holder has a way up to a root, if there is one", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({});
  const Address middle = build.add_array({tag(target)});
  const Address top = build.add_array({tag(middle)});
  const Address garbage = build.add_array({tag(target)});
  build.add_array({tag(top) | 2}, "WEAK_FIXED_ARRAY");
  const RootPaths paths = ways_up(build, target, {top});
  REQUIRE(paths.start_count == 2);
  const PathStep* step = &paths.steps[0];
  CHECK(step->holder.address == Address(tag(middle)));
  step = &paths.steps.at(step->next);
  CHECK(step->holder.address == Address(tag(top)));
  step = &paths.steps.at(step->next);
  CHECK(step->holder.root.has_value());
  CHECK(step->next == PathStep::kNone);
  CHECK(paths.steps[1].holder.address == Address(tag(garbage)));
  CHECK(paths.steps[1].end == PathEnd::kNoRoot);
  CHECK(paths.steps[1].next == PathStep::kNone);
}

TEST_CASE("holders of one holder share the way from there", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({});
  const Address left = build.add_array({tag(target)});
  const Address right = build.add_array({tag(target)});
  const Address both = build.add_array({tag(left), tag(right)});
  const Address top = build.add_array({tag(both)});
  const RootPaths paths = ways_up(build, target, {top});
  REQUIRE(paths.start_count == 2);
  const PathStep& first = paths.steps.at(paths.steps[0].next);
  CHECK(first.holder.address == Address(tag(both)));
  CHECK(paths.steps.at(first.next).holder.address == Address(tag(top)));
  const PathStep& second = paths.steps.at(paths.steps[1].next);
  CHECK(second.holder.address == Address(tag(both)));
  CHECK(second.end == PathEnd::kShownOnce);
  CHECK(second.next == PathStep::kNone);
}

TEST_CASE("no way leads through what was asked about", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({HeapBuilder::smi(0)});
  const Address part = build.add_array({tag(target)});
  build.write(target + kFirstElement, tag(part));
  const RootPaths paths = ways_up(build, target, {target});
  REQUIRE(paths.start_count == 2);
  CHECK(paths.steps[0].holder.address == Address(tag(part)));
  CHECK(paths.steps[0].next == PathStep::kNone);
  CHECK(paths.steps[0].end == PathEnd::kItself);
  CHECK(paths.steps[1].holder.root.has_value());
}

TEST_CASE("a search that meets circles ends", "[analysis][references]") {
  HeapBuilder build(test::each_layout());
  const Address target = build.add_array({});
  const Address one = build.add_array({HeapBuilder::smi(0), tag(target)});
  const Address two = build.add_array({tag(one)});
  build.write(one + kFirstElement, tag(two));
  const RootPaths paths = ways_up(build, target, {});
  REQUIRE(paths.steps.size() == 1);
  CHECK(paths.steps[0].holder.address == Address(tag(one)));
}

}  // namespace
}  // namespace corewalk
