#pragma once

#include <optional>
#include <string>

#include "analysis/census.h"
#include "base/progress.h"
#include "v8/heap.h"

namespace corewalk {

struct CensusOptions {
  /// Only this isolate's pages; read-only pages, which all share, are then left out.
  std::optional<v8::IsolateIndex> isolate;
  /// Also fill Census::shapes.
  bool shapes = false;
  /// Which objects to count. Session alone knows the live from the dead: take_census() counts all.
  Liveness liveness = Liveness::kAny;
};

/// Counts every object on the pages of `heap`, on all cores of this machine. An interrupted walk
/// gives what was counted so far, with Coverage::interrupted set.
[[nodiscard]] Census take_census(const v8::Heap& heap, const CensusOptions& options,
                                 Progress& progress);

}  // namespace corewalk
