#include "stack/stack_finder.h"

#include <algorithm>
#include <optional>

#include "stack/frame_walker.h"
#include "stack/js_frame_reader.h"
#include "stack/thread_walker.h"
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
  Address exit;
};

std::optional<AddressRange> memory_of_stack(const v8::Heap& heap, const ThreadInfo& thread) {
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
    const auto stack = memory_of_stack(heap, thread);
    if (!stack || !stack->contains(Address(*word))) continue;
    const FrameWalker walker(heap, *stack);
    if (!walker.is_exit_frame(Address(*word))) continue;
    return Start{&thread, isolate.index, Address(*word)};
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
      if (!start) continue;
      const auto stack = memory_of_stack(heap, *start->thread);
      const auto walk = FrameWalker(heap, stack.value_or(AddressRange())).walk(start->exit, {});
      if (walk.problem.empty()) return offset;
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

/// Where JavaScript last called C++ on each thread that runs any.
std::vector<Start> find_starts(const v8::Heap& heap, std::span<const ThreadInfo> threads) {
  std::vector<Start> starts;
  const auto offset = find_entry_offset(heap, threads);
  if (!offset) return starts;
  for (const v8::Isolate& isolate : heap.isolates()) {
    auto start = start_at(heap, threads, isolate, isolate.address + *offset);
    if (start) starts.push_back(std::move(*start));
  }
  return starts;
}

/// The isolate that a thread runs: by V8's frames on its stack, else by what V8 notes of threads;
/// else the main one, which Node.js runs on the main thread.
std::optional<v8::IsolateIndex> isolate_on(const StackSources& sources, const ThreadInfo& thread,
                                           const Start* start, std::span<const RawFrame> frames) {
  if (start != nullptr) return start->isolate;
  const auto first = std::find_if(frames.begin(), frames.end(), is_javascript);
  if (first != frames.end()) return isolate_of(sources.heap, *first);
  for (const v8::Isolate& isolate : sources.heap.isolates()) {
    const auto known = sources.threads_by_isolate.find(isolate.address);
    if (known != sources.threads_by_isolate.end() && known->second == thread.tid) {
      return isolate.index;
    }
  }
  const bool is_main = thread.tid == sources.process.pid && !sources.heap.isolates().empty();
  return is_main ? std::optional<v8::IsolateIndex>(0) : std::nullopt;
}

ThreadStack stack_of(const StackSources& sources, const ThreadInfo& thread, const Start* start,
                     ThreadWalker& walker, JsFrameReader& reader) {
  ThreadStack stack{.thread_id = thread.tid};
  const auto exit = start == nullptr ? std::nullopt : std::optional(start->exit);
  ThreadWalker::Walk walk = walker.walk(thread, exit);
  stack.problem = std::move(walk.problem);
  stack.isolate = isolate_on(sources, thread, start, walk.v8_frames);
  for (ThreadWalker::Call& call : walk.calls) {
    const size_t first = stack.frames.size();
    if (call.v8_frame) {
      for (StackFrame& frame : reader.read(walk.v8_frames, *call.v8_frame)) {
        stack.frames.push_back(std::move(frame));
      }
    } else {
      stack.frames.push_back(std::move(call.native));
    }
    if (first < stack.frames.size()) stack.frames[first].gap = std::move(call.gap);
  }
  return stack;
}

}  // namespace

std::vector<ThreadStack> find_stacks(const StackSources& sources) {
  const std::vector<ThreadInfo>& threads = sources.process.threads;
  const std::vector<Start> starts = find_starts(sources.heap, threads);
  ThreadWalker walker(sources.heap, sources.modules, sources.process.machine);
  JsFrameReader reader(sources.heap, sources.symbols);
  std::vector<ThreadStack> stacks;
  std::vector<bool> runs(sources.heap.isolates().size(), false);
  for (const ThreadInfo& thread : threads) {
    const auto start = std::find_if(starts.begin(), starts.end(),
                                    [&](const Start& s) { return s.thread == &thread; });
    stacks.push_back(
        stack_of(sources, thread, start == starts.end() ? nullptr : &*start, walker, reader));
    const auto isolate = stacks.back().isolate;
    if (isolate && *isolate < runs.size()) runs[*isolate] = true;
  }
  for (const v8::Isolate& isolate : sources.heap.isolates()) {
    if (!runs[isolate.index]) stacks.push_back({.isolate = isolate.index});
  }
  return stacks;
}

}  // namespace corewalk
