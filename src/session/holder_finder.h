#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/reference_finder.h"
#include "analysis/root_paths.h"
#include "base/progress.h"
#include "memory/process_info.h"
#include "stack/frame.h"
#include "v8/roots.h"

namespace corewalk {

/// What `findrefs` is asked.
struct ReferenceQuery {
  enum class Kind : uint8_t { kValue, kProperty, kString };
  Kind kind = Kind::kValue;
  uint64_t word = 0;   ///< of kValue: the address, tagged or not
  std::string text;    ///< of kProperty and kString
  uint64_t limit = 0;  ///< 0: all
};

/// Who holds something: objects by an index of the heap, and roots outside of it, those on stacks
/// with the call they belong to. Keeps references to all it was made of.
class HolderFinder {
 public:
  /// Goes through the heap once. Throws Failure(kPartial) if it was interrupted.
  HolderFinder(const v8::Heap& heap, const ProcessInfo& process,
               const std::vector<ThreadStack>& stacks, Progress& progress);
  HolderFinder(const HolderFinder&) = delete;
  HolderFinder& operator=(const HolderFinder&) = delete;

  [[nodiscard]] std::vector<Holder> holders(const ReferenceQuery& query, Progress& progress) const;
  /// The same, and of each holder a way up to a root.
  [[nodiscard]] RootPaths root_paths(const ReferenceQuery& query, Progress& progress) const;

 private:
  [[nodiscard]] std::vector<Holder> find(const ReferenceQuery& query, Progress& progress) const;
  void name_frame(Holder& holder) const;

  const std::vector<ThreadStack>& stacks_;
  ReferenceIndex index_;
  std::vector<v8::Root> roots_;
  ReferenceFinder finder_;
};

}  // namespace corewalk
