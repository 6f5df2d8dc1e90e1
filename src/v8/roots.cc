#include "v8/roots.h"

#include <algorithm>

#include "v8/handles.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

/// No thread's stack is taken for longer: what lies above has other uses.
constexpr uint64_t kMaxStackBytes = 64 << 20;

class Collector {
 public:
  explicit Collector(const Heap& heap) : heap_(heap) {
    for (const auto& [name, index] : heap.layout().roots) {
      table_entries_ = std::max<uint64_t>(table_entries_, index + 1);
    }
  }

  void add(Root root) {
    if (is_smi(root.word)) return;
    const HeapPage* page = heap_.page_of(untag(root.word));
    if (page == nullptr || page->read_only) return;
    if (root.isolate == kSharedByAll) root.isolate = page->isolate;
    root.weak = root.weak || is_weak(root.word);
    roots_.push_back(root);
  }

  void add_isolate(const Isolate& isolate) {
    const Handles handles(heap_.memory(), isolate);
    handles.for_each([&](RootKind kind, bool weak, Address place, TaggedWord word) {
      add({.kind = kind, .weak = weak, .isolate = isolate.index, .place = place, .word = word});
    });
    const AddressRange table(isolate.roots, table_entries_ * kWordBytes);
    const std::span<const uint64_t> words = handles.isolate_words();
    for (size_t i = 0; i < words.size(); ++i) {
      const Address place = isolate.address + i * kWordBytes;
      const bool in_table = table.contains(place);
      add({.kind = in_table ? RootKind::kRootsTable : RootKind::kIsolate,
           .isolate = isolate.index,
           .place = place,
           .word = words[i],
           .detail = in_table ? (place - table.begin()) / kWordBytes : place - isolate.address});
    }
  }

  void add_thread(const ThreadInfo& thread) {
    for (size_t i = 0; i < thread.registers.size(); ++i) {
      add({.kind = RootKind::kRegister,
           .word = thread.registers[i],
           .detail = i,
           .thread_id = thread.tid});
    }
    const Segment* segment = heap_.memory().find_segment(thread.sp);
    if (segment == nullptr) return;
    const Address end = std::min(segment->range.end(), thread.sp + kMaxStackBytes);
    const Address start = thread.sp.align_up(kWordBytes);
    std::vector<uint64_t> words((end - start) / kWordBytes);
    (void)heap_.memory().read_partial({start, end},
                                      std::as_writable_bytes(std::span<uint64_t>(words)));
    for (size_t i = 0; i < words.size(); ++i) {
      add({.kind = RootKind::kStack,
           .place = start + i * kWordBytes,
           .word = words[i],
           .thread_id = thread.tid});
    }
  }

  [[nodiscard]] std::vector<Root> take() { return std::move(roots_); }

 private:
  const Heap& heap_;
  uint64_t table_entries_ = 0;
  std::vector<Root> roots_;
};

}  // namespace

std::string_view to_string(RootKind kind) {
  switch (kind) {
    case RootKind::kRootsTable:
      return "Roots table";
    case RootKind::kIsolate:
      return "Isolate";
    case RootKind::kGlobalHandle:
      return "Global handle";
    case RootKind::kEternalHandle:
      return "Eternal handle";
    case RootKind::kHandleScope:
      return "Handle scope";
    case RootKind::kMicrotaskQueue:
      return "Microtask queue";
    case RootKind::kStack:
      return "Stack";
    case RootKind::kRegister:
      return "Register";
  }
  return "Root";
}

std::vector<Root> find_roots(const Heap& heap, std::span<const ThreadInfo> threads) {
  Collector collector(heap);
  for (const Isolate& isolate : heap.isolates()) collector.add_isolate(isolate);
  for (const ThreadInfo& thread : threads) collector.add_thread(thread);
  return collector.take();
}

}  // namespace corewalk::v8
