#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "v8/heap.h"
#include "v8/root_category.h"

namespace corewalk::v8 {

/// A word outside the heap that V8's collector or its heap snapshot takes for a reference.
struct GcRoot {
  RootCategory category = RootCategory::kUnknown;
  bool keeps_alive = true;  ///< marking starts from it; false: it is cleared if nothing else holds
  bool weak_edge = false;   ///< of type "weak" in V8's heap snapshot; else "internal"
  bool in_snapshot = true;  ///< false: a word of a C++ frame, which V8 does not look at
  IsolateIndex isolate = 0;
  uint32_t detail = 0;  ///< number of the builtin, plus 1; 0 if it has no description
  Address place = {};
  TaggedWord word = 0;     ///< never a Smi
  uint64_t thread_id = 0;  ///< of a word of a stack
};

/// The roots of all isolates but those on stacks, sorted. What cannot be read has none.
[[nodiscard]] std::vector<GcRoot> find_gc_roots(const Heap& heap);

/// Isolate by isolate, in the order of root_groups(), strong edges before weak ones; else as they
/// come.
void sort_roots(const Layout& layout, std::vector<GcRoot>& roots);

/// Names the edges from "(Handle scope)" and its like to the roots, as V8 does.
class RootEdgeNames {
 public:
  explicit RootEdgeNames(const Heap& heap);

  /// `number` counts the edges of that category, from 1.
  [[nodiscard]] std::string name(const GcRoot& root, uint64_t number) const;

 private:
  const Layout& layout_;
  /// Per isolate: the first entry of the roots table that holds the object.
  std::vector<std::unordered_map<TaggedWord, uint32_t>> table_;
};

}  // namespace corewalk::v8
