#pragma once

#include "base/progress.h"
#include "node/node_info.h"
#include "v8/heap.h"

namespace corewalk {

/// Reads Node's `process` object of the main isolate (lib/internal/bootstrap/node.js and
/// src/node_process_object.cc, Node 12 to 26). What cannot be read stays empty and is named in
/// `unreadable`.
[[nodiscard]] NodeInfo read_process_object(const v8::Heap& heap, Progress& progress);

}  // namespace corewalk
