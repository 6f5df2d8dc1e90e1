#pragma once

#include <vector>

#include "base/progress.h"
#include "heap_graph/graph_roots.h"
#include "session/snapshot_options.h"
#include "v8/heap.h"

namespace corewalk {

/// Writes the live objects of an isolate as a .heapsnapshot; `roots` are of all isolates. All of
/// the summary is filled in, but the coverage lacks what the core lost. Throws Failure(kUsage) if
/// the file cannot be written, Failure(kPartial) if the user interrupted.
[[nodiscard]] SnapshotSummary write_heap_snapshot(const v8::Heap& heap, GraphRoots roots,
                                                  v8::IsolateIndex isolate,
                                                  const SnapshotOptions& options,
                                                  Progress& progress);

}  // namespace corewalk
