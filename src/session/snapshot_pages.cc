#include "session/snapshot_pages.h"

namespace corewalk {

std::vector<SnapshotPage> snapshot_pages(const v8::Heap& heap) {
  std::vector<SnapshotPage> pages;
  pages.reserve(heap.pages().size());
  for (const v8::HeapPage& page : heap.pages()) {
    pages.push_back({.range = page.area, .large = page.large});
  }
  return pages;
}

}  // namespace corewalk
