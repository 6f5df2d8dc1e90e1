#include "stack/stack_roots.h"

#include <algorithm>

#include "stack/frame_place.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::GcRoot;
using v8::kWordBytes;

/// No thread's stack is taken for longer: what lies above has other uses.
constexpr uint64_t kMaxStackBytes = 64 << 20;

class StackScan {
 public:
  StackScan(const v8::Heap& heap, const ThreadStack& stack, const ThreadInfo& thread,
            std::vector<GcRoot>& roots)
      : heap_(heap), stack_(stack), thread_(thread), roots_(roots) {}

  void add_registers() {
    for (const uint64_t word : thread_.registers) add({}, word, false);
  }

  void add_words() {
    const Segment* segment = heap_.memory().find_segment(thread_.sp);
    if (segment == nullptr) return;
    const Address limit = std::min(segment->range.end(), thread_.sp + kMaxStackBytes);
    Address at = thread_.sp.align_up(kWordBytes);
    for (size_t i = 0; i < stack_.frames.size(); ++i) {
      const Address end = std::min(end_of_frame(stack_, i).value_or(limit), limit);
      if (end > at) add_range(at, end, stack_.frames[i].kind != FrameKind::kNative);
      at = std::max(at, end);
    }
    // A walk that ended early leaves the calls above in the dark.
    if (!stack_.problem.empty() && at < limit) add_range(at, limit, false);
  }

 private:
  void add_range(Address start, Address end, bool in_snapshot) {
    std::vector<uint64_t> words((end - start) / kWordBytes);
    (void)heap_.memory().read_partial({start, start + words.size() * kWordBytes},
                                      std::as_writable_bytes(std::span<uint64_t>(words)));
    for (size_t i = 0; i < words.size(); ++i) add(start + i * kWordBytes, words[i], in_snapshot);
  }

  void add(Address place, uint64_t word, bool in_snapshot) {
    if (!v8::is_strong(word)) return;
    const auto map = heap_.map_of(v8::untag(word));
    if (!map || !heap_.is_map(*map)) return;
    roots_.push_back({.category = v8::RootCategory::kStackRoots,
                      .in_snapshot = in_snapshot,
                      .isolate = *stack_.isolate,
                      .place = place,
                      .word = word,
                      .thread_id = thread_.tid});
  }

  const v8::Heap& heap_;
  const ThreadStack& stack_;
  const ThreadInfo& thread_;
  std::vector<GcRoot>& roots_;
};

}  // namespace

std::vector<GcRoot> find_stack_roots(const v8::Heap& heap, const ProcessInfo& process,
                                     std::span<const ThreadStack> stacks) {
  std::vector<GcRoot> roots;
  for (const ThreadStack& stack : stacks) {
    if (!stack.isolate || !stack.thread_id) continue;
    const auto thread =
        std::find_if(process.threads.begin(), process.threads.end(),
                     [&](const ThreadInfo& one) { return one.tid == *stack.thread_id; });
    if (thread == process.threads.end()) continue;
    StackScan scan(heap, stack, *thread, roots);
    scan.add_registers();
    scan.add_words();
  }
  return roots;
}

}  // namespace corewalk
