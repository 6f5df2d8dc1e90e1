#pragma once

#include "report/snapshot_schema.h"
#include "v8/layout.h"

namespace corewalk {

/// The form of the heap snapshots that this V8 writes: the layout's enum HeapSnapshot.form.
[[nodiscard]] SnapshotSchema snapshot_schema(const v8::Layout& layout);

}  // namespace corewalk
