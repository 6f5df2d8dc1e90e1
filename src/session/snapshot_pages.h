#pragma once

#include <vector>

#include "report/snapshot_ids.h"
#include "v8/heap.h"

namespace corewalk {

/// The pages that ids of snapshots count, by their index in Heap::pages(): those of all isolates,
/// so that an id does not depend on which of them was written.
[[nodiscard]] std::vector<SnapshotPage> snapshot_pages(const v8::Heap& heap);

}  // namespace corewalk
