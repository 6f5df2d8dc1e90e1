#pragma once

#include <cstdint>
#include <optional>

#include "analysis/census.h"
#include "base/address.h"
#include "report/snapshot_file.h"
#include "v8/heap.h"

namespace corewalk {

/// Which heap snapshot to write.
struct SnapshotOptions {
  SnapshotFileOptions file;
  std::optional<v8::IsolateIndex> isolate;  ///< absent: that of the main thread
  uint64_t prune_bytes = 0;                 ///< fold what retains less; 0: nothing
};

/// What a heap snapshot that was written holds.
struct SnapshotSummary {
  SnapshotFileResult file;
  v8::IsolateIndex isolate = 0;
  uint64_t live_bytes = 0;  ///< what the root retains: the size that readers show
  Coverage coverage;
};

/// What an id of a node leads to.
struct SnapshotPlace {
  uint64_t object = 0;  ///< tagged
  bool native = false;  ///< not the object but what it has outside the heap
};

}  // namespace corewalk
