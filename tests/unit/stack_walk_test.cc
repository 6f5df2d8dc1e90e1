// Stacks that lie: frames that point to themselves, downwards, or nowhere.

#include "stack/assembler_frames.h"
#include "stack/frame_walker.h"
#include "stack/native_frame.h"
#include "stack/thread_walker.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;

constexpr Address kStack{0x7ff000000000};
constexpr uint64_t kStackBytes = 0x4000;
constexpr uint64_t kWord = 8;

uint64_t marker_of(const v8::Layout& layout, std::string_view type) {
  for (int64_t number = 0; number < 64; ++number) {
    if (layout.enum_name("FrameType", number) == type) return static_cast<uint64_t>(number) << 1;
  }
  return 0;
}

/// A heap with a stack beside it.
class Stack {
 public:
  Stack() : build_(test::each_layout()) { build_.add_block(kStack, kStackBytes); }

  void put(Address fp, uint64_t caller, uint64_t pc, std::string_view type) {
    build_.write(fp, caller);
    build_.write(fp + kWord, pc);
    build_.write(fp - kWord, marker_of(build_.layout(), type));
  }
  void put_entry(Address fp, uint64_t next_exit) {
    put(fp, 0, 0, "Entry");
    build_.write(fp - build_.layout().frame.next_exit, next_exit);
  }
  FoundHeap find() { return FoundHeap(build_); }

 private:
  HeapBuilder build_;
};

FrameWalker::Walk walk_from(Stack& stack, Address fp) {
  const FoundHeap heap = stack.find();
  return FrameWalker(*heap, AddressRange(kStack, kStackBytes)).walk(fp, {});
}

TEST_CASE("frames are walked from exit to entry, and on", "[stack]") {
  Stack stack;
  stack.put(kStack + 0x100, (kStack + 0x200).value(), 0x1111, "Exit");
  stack.put_entry(kStack + 0x200, (kStack + 0x300).value());
  stack.put(kStack + 0x300, (kStack + 0x400).value(), 0x2222, "Exit");
  stack.put_entry(kStack + 0x400, 0);
  const auto walk = walk_from(stack, kStack + 0x100);
  CHECK(walk.problem.empty());
  REQUIRE(walk.frames.size() == 4);
  CHECK(walk.frames[1].pc == Address(0x1111));
  CHECK_FALSE(walk.frames[2].pc);

  const FoundHeap heap = stack.find();
  const auto segment = FrameWalker(*heap, AddressRange(kStack, kStackBytes))
                           .walk_to_entry(kStack + 0x100, Address(0x42));
  CHECK(segment.problem.empty());
  CHECK(segment.frames.size() == 2);
  CHECK(segment.frames[0].pc == Address(0x42));
  CHECK(segment.next_exit == kStack + 0x300);
}

TEST_CASE("a frame that is its own caller ends the walk", "[stack]") {
  Stack stack;
  const Address fp = kStack + 0x100;
  stack.put(fp, fp.value(), 0x1111, "Exit");
  const auto walk = walk_from(stack, fp);
  CHECK(walk.frames.size() == 1);
  CHECK(walk.problem == "the frame at 0x7ff000000100 is damaged");
}

TEST_CASE("frames that go round in a circle end the walk", "[stack]") {
  Stack stack;
  stack.put(kStack + 0x100, (kStack + 0x200).value(), 1, "Exit");
  stack.put(kStack + 0x200, (kStack + 0x100).value(), 1, "Internal");
  CHECK(walk_from(stack, kStack + 0x100).frames.size() == 2);

  Stack entries;
  entries.put_entry(kStack + 0x100, (kStack + 0x200).value());
  entries.put_entry(kStack + 0x200, (kStack + 0x100).value());
  const auto walk = walk_from(entries, kStack + 0x100);
  CHECK(walk.frames.size() == 2);
  CHECK(walk.problem == "the frame at 0x7ff000000200 is damaged");
}

TEST_CASE("as many frames as a stack can hold end at its end", "[stack]") {
  Stack stack;
  for (uint64_t at = 2 * kWord; at + 3 * kWord <= kStackBytes; at += 3 * kWord) {
    stack.put(kStack + at, (kStack + at + 3 * kWord).value(), 1, "Internal");
  }
  const auto walk = walk_from(stack, kStack + 2 * kWord);
  CHECK_FALSE(walk.problem.empty());
  CHECK(walk.frames.size() <= kStackBytes / (3 * kWord));
  CHECK(walk.frames.size() + 2 >= kStackBytes / (3 * kWord));
}

TEST_CASE("a walk leaves neither the stack nor its alignment", "[stack]") {
  for (const Address fp : {kStack, kStack + kStackBytes, kStack + 0x101, Address(0), Address(~0)}) {
    Stack stack;
    const auto walk = walk_from(stack, fp);
    CHECK(walk.frames.empty());
    CHECK_FALSE(walk.problem.empty());
  }
  Stack stack;
  stack.put(kStack + 0x100, ~uint64_t{0}, 1, "Exit");
  CHECK(walk_from(stack, kStack + 0x100).frames.size() == 1);
}

/// A process of which no file is known.
class NoModules final : public CodeModules {
 public:
  [[nodiscard]] const CodeModule* find(Address /*address*/) const override { return nullptr; }
};

TEST_CASE("where compiled code cannot be unwound, the stack goes on at V8's exit", "[stack]") {
  Stack stack;
  stack.put(kStack + 0x200, (kStack + 0x300).value(), 0x1111, "Exit");
  stack.put_entry(kStack + 0x300, 0);
  const FoundHeap heap = stack.find();
  const NoModules modules;
  ThreadWalker walker(*heap, modules, Machine::kX86_64);
  ThreadInfo thread;
  thread.pc = Address(0x4000);
  thread.sp = kStack + 0x100;
  thread.fp = Address(7);
  const auto walk = walker.walk(thread, kStack + 0x200);
  REQUIRE(walk.calls.size() == 4);
  CHECK_FALSE(walk.calls[0].v8_frame);
  CHECK(walk.calls[1].v8_frame == 0);
  CHECK(walk.calls[1].gap == "0x4000 lies in no module");
  CHECK(walk.calls[2].v8_frame == 1);
  CHECK_FALSE(walk.calls[3].v8_frame);  // who called JSEntry: address 0
  CHECK(walk.problem == "0x0 lies in no module");

  const auto lost = walker.walk(thread, {});
  CHECK(lost.calls.size() == 1);
  CHECK_FALSE(lost.problem.empty());
}

TEST_CASE("a thread without registers has no calls", "[stack]") {
  Stack stack;
  const FoundHeap heap = stack.find();
  const NoModules modules;
  ThreadWalker walker(*heap, modules, Machine::kX86_64);
  const auto walk = walker.walk(ThreadInfo(), {});
  CHECK(walk.calls.empty());
  CHECK(walk.problem.empty());
}

TEST_CASE("a thread begins in the function of the C library that makes it", "[stack]") {
  CHECK(begins_thread("__clone3"));
  CHECK(begins_thread("clone"));
  CHECK_FALSE(begins_thread("uv_thread_create_ex"));
}

TEST_CASE("names of C++ are shown as people write them", "[stack]") {
  CHECK(readable_name("uv_run") == "uv_run");
  CHECK(readable_name("_ZN4node5StartEiPPc") == "node::Start(int, char**)");
  CHECK(readable_name("_Znonsense") == "_Znonsense");
  const std::string endless = "_Z" + std::string(100'000, 'P');
  CHECK(readable_name(endless) == endless);
  std::string many = "_Z4callIi";
  for (int i = 0; i < 60; ++i) many += "i";
  many += "EvT_";
  for (int i = 0; i < 60; ++i) many += "i";
  CHECK(readable_name(many).ends_with("(...)"));
}

}  // namespace
}  // namespace corewalk
