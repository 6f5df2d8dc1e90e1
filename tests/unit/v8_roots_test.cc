// References from outside the heap, in memory written for every layout.

#include <algorithm>
#include <vector>

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/roots.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::kWordBytes;
using v8::Root;
using v8::RootKind;
using v8::tag;

/// C++ objects of the made-up process lie here.
constexpr Address kNative{0x10000000};
constexpr uint64_t kNativeBytes = 0x20000;
constexpr Address kBlocks = kNative + 0x8000;

constexpr uint64_t kNodes = 256;
constexpr uint64_t kNodeBytes = 32;
constexpr uint64_t kHandleBlockBytes = 1022 * kWordBytes;

std::vector<Root> roots_to(const std::vector<Root>& roots, Address target) {
  std::vector<Root> found;
  std::copy_if(roots.begin(), roots.end(), std::back_inserter(found),
               [&](const Root& root) { return v8::untag(root.word) == target; });
  return found;
}

/// A heap with one object that is no root's yet, and a word of the isolate to point from.
struct Process {
  HeapBuilder build{test::each_layout()};
  Address target = build.add_array({});
  Address pointer = build.isolate() + 0x20;

  Process() { build.add_block(kNative, kNativeBytes); }

  void add_node_block(Address block, Address next) {
    for (uint64_t i = 0; i < kNodes; ++i) {
      build.write(block + i * kNodeBytes + 10, static_cast<uint8_t>(i));
    }
    build.write(block + kNodes * kNodeBytes, next.value());
  }
  void set_node(Address block, uint64_t index, uint8_t state) {
    build.write(block + index * kNodeBytes, tag(target));
    build.write(block + index * kNodeBytes + 11, state);
  }
  void add_global_handles(Address first) {
    const Address space = kNative + 0x100;
    build.write(pointer, kNative.value());
    build.write(kNative, build.isolate().value());
    build.write(kNative + kWordBytes, space.value());
    build.write(space, kNative.value());
    build.write(space + kWordBytes, first.value());
  }
  [[nodiscard]] std::vector<Root> roots(std::vector<ThreadInfo> threads = {}) {
    const FoundHeap heap(build);
    return roots_to(v8::find_roots(*heap, threads), target);
  }
};

TEST_CASE("global handles are roots, strong or weak", "[v8][roots]") {
  Process process;
  const Address second = kBlocks + kNodes * kNodeBytes + 0x100;
  process.add_node_block(kBlocks, second);
  process.add_node_block(second, Address());
  process.set_node(kBlocks, 3, 1);
  process.set_node(kBlocks, 4, 0);
  process.set_node(second, 255, 2);
  process.add_global_handles(kBlocks);
  const auto roots = process.roots();
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].kind == RootKind::kGlobalHandle);
  CHECK(roots[0].place == kBlocks + 3 * kNodeBytes);
  CHECK_FALSE(roots[0].weak);
  CHECK(roots[0].isolate == 0);
  CHECK(roots[1].place == second + 255 * kNodeBytes);
  CHECK(roots[1].weak);
}

TEST_CASE("blocks of global handles that follow each other in a circle end", "[v8][roots]") {
  Process process;
  process.add_node_block(kBlocks, kBlocks);
  process.set_node(kBlocks, 0, 1);
  process.add_global_handles(kBlocks);
  CHECK(process.roots().size() == 1);
}

TEST_CASE("eternal handles are roots as far as they are counted", "[v8][roots]") {
  Process process;
  process.build.write(process.pointer, kNative.value());
  process.build.write(kNative, uint64_t{2});
  process.build.write(kNative + 8, (kNative + 0x100).value());
  process.build.write(kNative + 16, (kNative + 0x108).value());
  process.build.write(kNative + 24, (kNative + 0x110).value());
  process.build.write(kNative + 0x100, kBlocks.value());
  for (uint64_t i = 0; i < 3; ++i) process.build.write(kBlocks + i * 8, tag(process.target));
  const auto roots = process.roots();
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].kind == RootKind::kEternalHandle);
  CHECK(roots[1].place == kBlocks + 8);

  process.build.write(kNative, uint64_t{1} << 31);  // more than its blocks have room for
  CHECK(process.roots().empty());
}

TEST_CASE("handles of open scopes are roots, those of closed ones are not", "[v8][roots]") {
  Process process;
  const Address second = kBlocks + kHandleBlockBytes + 0x100;
  process.build.write(process.pointer, kNative.value());
  process.build.write(kNative, process.build.isolate().value());
  process.build.write(kNative + 8, (kNative + 0x100).value());
  process.build.write(kNative + 16, uint64_t{4});
  process.build.write(kNative + 24, uint64_t{2});
  process.build.write(kNative + 0x100, kBlocks.value());
  process.build.write(kNative + 0x108, second.value());
  process.build.write(kBlocks + kHandleBlockBytes - 8, tag(process.target));
  process.build.write(second, tag(process.target));
  process.build.write(second + 8, tag(process.target));
  process.build.write(process.pointer + 8, (second + 8).value());                   // next
  process.build.write(process.pointer + 16, (second + kHandleBlockBytes).value());  // limit
  const auto roots = process.roots();
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].kind == RootKind::kHandleScope);
  CHECK(roots[0].place == kBlocks + kHandleBlockBytes - 8);
  CHECK(roots[1].place == second);
}

TEST_CASE("waiting microtasks are roots, around the end of their ring", "[v8][roots]") {
  Process process;
  process.build.write(process.pointer, kNative.value());
  process.build.write(kNative + 8, uint64_t{2});
  process.build.write(kNative + 16, uint64_t{4});
  process.build.write(kNative + 24, uint64_t{3});
  process.build.write(kNative + 32, kBlocks.value());
  process.build.write(kNative + 40, uint64_t{17});     // that ran
  process.build.write(kNative + 48, kNative.value());  // the only queue
  process.build.write(kNative + 56, kNative.value());
  for (uint64_t i = 0; i < 4; ++i) process.build.write(kBlocks + i * 8, tag(process.target));
  const auto roots = process.roots();
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].kind == RootKind::kMicrotaskQueue);
  CHECK(roots[0].place == kBlocks + 24);
  CHECK(roots[1].place == kBlocks);
}

TEST_CASE("stacks and registers of threads are roots", "[v8][roots]") {
  Process process;
  process.build.write(kNative + 0x10, tag(process.target));
  process.build.write(kNative + 0x40, tag(process.target));
  ThreadInfo thread;
  thread.tid = 4711;
  thread.registers = {1, tag(process.target)};
  thread.sp = kNative + 0x20;
  const auto roots = process.roots({thread});
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].kind == RootKind::kRegister);
  CHECK(roots[0].detail == 1);
  CHECK(roots[1].kind == RootKind::kStack);
  CHECK(roots[1].place == kNative + 0x40);
  CHECK(roots[1].thread_id == 4711);
}

TEST_CASE("a word of the isolate itself is a root", "[v8][roots]") {
  Process process;
  process.build.write(process.pointer, tag(process.target));
  const auto roots = process.roots();
  REQUIRE(roots.size() == 1);
  CHECK(roots[0].kind == RootKind::kIsolate);
  CHECK(roots[0].detail == 0x20);
}

}  // namespace
}  // namespace corewalk
