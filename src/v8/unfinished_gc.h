#pragma once

#include <optional>
#include <vector>

#include "v8/heap.h"

namespace corewalk::v8 {

/// Makes one heap of what a garbage collection left that the process did not survive: out of memory
/// while it moved young objects, a crash in it. Some objects have been copied by then, others not;
/// all references still lead to the old places, which V8 mends last
/// (MarkCompactCollector::Evacuate, heap/mark-compact.cc, 7.8 to 14.6).
///
/// Pages of from-space show the objects that had not been moved: after marking the live ones, in a
/// scavenge all that are recognised, dead ones too. References on all pages of the isolate are
/// mended as V8 would have done; where there are any, the page gets a copy of its bytes.
class UnfinishedGc {
 public:
  /// Changes `pages`, which are those of the heap.
  UnfinishedGc(const Heap& heap, std::vector<HeapPage>& pages) : heap_(heap), pages_(pages) {}

  void settle();

 private:
  void settle(const Isolate& isolate);
  void show_unmoved(HeapPage& page, GcState state) const;
  [[nodiscard]] std::vector<std::byte> marking_bitmap(const HeapPage& page) const;
  void note_moves(const HeapPage& page);
  void mend(HeapPage& page) const;
  [[nodiscard]] std::optional<TaggedWord> mended(TaggedWord word) const;

  const Heap& heap_;
  std::vector<HeapPage>& pages_;
  std::vector<bool> gives_away_;  // by page: objects were moved from there
};

}  // namespace corewalk::v8
