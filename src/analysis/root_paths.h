#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "analysis/reference_finder.h"
#include "base/progress.h"

namespace corewalk {

/// Why a way ends with a step that is no root.
enum class PathEnd : uint8_t {
  kNone,       ///< it goes on, or ends with a root or a weak reference
  kShownOnce,  ///< an earlier way goes on from the same holder
  kItself,     ///< the holder is held by what it holds, and by nothing else that a root holds
  kNoRoot,     ///< no root holds it
  kNotSought,  ///< no root was found, but not all that is above was looked at
};

/// One step of the way from an object up to a root.
struct PathStep {
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();
  Holder holder;
  size_t next = kNone;  ///< the step above, in the same list
  PathEnd end = PathEnd::kNone;
};

/// The ways from some holders up to roots, each a short one: found breadth first, against strong
/// references alone.
struct RootPaths {
  std::vector<PathStep> steps = {};  ///< first those of the holders asked about, in their order
  size_t start_count = 0;
};

/// A way for each of `starts`; one from which no root is reached has no step above it. No way leads
/// through what the starts hold.
[[nodiscard]] RootPaths find_root_paths(const ReferenceFinder& finder, std::vector<Holder> starts,
                                        Progress& progress);

}  // namespace corewalk
