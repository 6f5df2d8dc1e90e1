#include "stack/stack_finder.h"

#include <algorithm>
#include <optional>

#include "stack/frame_walker.h"
#include "stack/js_frame_reader.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;

/// The isolate's record of the thread it runs on begins at most this far into it (0x110 to 0x4538
/// in V8 7.8 to 14.6).
constexpr uint64_t kMaxThreadTop = 0x8000;

struct Start {
  const ThreadInfo* thread = nullptr;
  v8::IsolateIndex isolate = 0;
  FrameWalker::Walk walk;
};

std::optional<AddressRange> stack_of(const v8::Heap& heap, const ThreadInfo& thread) {
  const Segment* segment = heap.memory().find_segment(thread.sp);
  if (segment == nullptr) return {};
  return AddressRange(thread.sp, segment->range.end());
}

/// The stack that begins at the exit frame whose address is the word at `place`, if it is one.
std::optional<Start> start_at(const v8::Heap& heap, std::span<const ThreadInfo> threads,
                              const v8::Isolate& isolate, Address place) {
  const auto word = heap.memory().read<uint64_t>(place, "c_entry_fp");
  if (!word || *word == 0) return {};
  for (const ThreadInfo& thread : threads) {
    const auto stack = stack_of(heap, thread);
    if (!stack || !stack->contains(Address(*word))) continue;
    const FrameWalker walker(heap, *stack);
    if (!walker.is_exit_frame(Address(*word))) continue;
    return Start{&thread, isolate.index, walker.walk(Address(*word), std::nullopt)};
  }
  return {};
}

/// Isolate::c_entry_fp, whose offset differs with every release: the first word that holds the
/// address of an exit frame on some thread's stack from which a walk reaches the outermost frame.
std::optional<uint64_t> find_entry_offset(const v8::Heap& heap,
                                          std::span<const ThreadInfo> threads) {
  for (const v8::Isolate& isolate : heap.isolates()) {
    for (uint64_t offset = 0; offset < kMaxThreadTop; offset += kWordBytes) {
      const auto start = start_at(heap, threads, isolate, isolate.address + offset);
      if (start && start->walk.problem.empty()) return offset;
    }
  }
  return {};
}

bool is_javascript(const RawFrame& frame) { return frame.type.empty(); }

/// The isolate whose code runs in a frame, by the page of its context.
v8::IsolateIndex isolate_of(const v8::Heap& heap, const RawFrame& frame) {
  const v8::HeapPage* page = heap.page_of(v8::untag(frame.marker));
  return page == nullptr ? 0 : page->isolate;
}

/// A thread that died or stopped in JavaScript code itself: its frame pointer is a frame's.
std::optional<Start> start_at_registers(const v8::Heap& heap, const ThreadInfo& thread) {
  const auto stack = stack_of(heap, thread);
  if (!stack) return {};
  FrameWalker::Walk walk = FrameWalker(heap, *stack).walk(thread.fp, thread.pc);
  const auto first = std::find_if(walk.frames.begin(), walk.frames.end(), is_javascript);
  if (!walk.problem.empty() || first == walk.frames.end()) return {};
  const v8::IsolateIndex isolate = isolate_of(heap, *first);
  return Start{&thread, isolate, std::move(walk)};
}

std::vector<Start> find_starts(const v8::Heap& heap, std::span<const ThreadInfo> threads) {
  std::vector<Start> starts;
  if (const auto offset = find_entry_offset(heap, threads)) {
    for (const v8::Isolate& isolate : heap.isolates()) {
      auto start = start_at(heap, threads, isolate, isolate.address + *offset);
      if (start) starts.push_back(std::move(*start));
    }
  }
  for (const ThreadInfo& thread : threads) {
    auto start = start_at_registers(heap, thread);
    if (!start) continue;
    const auto known = std::find_if(starts.begin(), starts.end(),
                                    [&](const Start& s) { return s.thread == &thread; });
    if (known == starts.end()) {
      starts.push_back(std::move(*start));
    } else if (start->walk.frames.front().fp < known->walk.frames.front().fp) {
      *known = std::move(*start);
    }
  }
  std::sort(starts.begin(), starts.end(),
            [](const Start& a, const Start& b) { return a.thread < b.thread; });
  return starts;
}

}  // namespace

std::vector<ThreadStack> find_stacks(const v8::Heap& heap, const SymbolSource& symbols,
                                     std::span<const ThreadInfo> threads) {
  std::vector<ThreadStack> stacks;
  JsFrameReader reader(heap, symbols);
  std::vector<bool> runs(heap.isolates().size(), false);
  for (const Start& start : find_starts(heap, threads)) {
    ThreadStack stack{.thread_id = start.thread->tid, .isolate = start.isolate};
    stack.problem = start.walk.problem;
    for (size_t i = 0; i < start.walk.frames.size(); ++i) {
      for (StackFrame& frame : reader.read(start.walk.frames, i)) {
        stack.frames.push_back(std::move(frame));
      }
    }
    if (start.isolate < runs.size()) runs[start.isolate] = true;
    stacks.push_back(std::move(stack));
  }
  for (const v8::Isolate& isolate : heap.isolates()) {
    if (!runs[isolate.index]) stacks.push_back({.isolate = isolate.index});
  }
  return stacks;
}

}  // namespace corewalk
