#pragma once

#include <optional>

#include "base/progress.h"
#include "v8/heap.h"

namespace corewalk {

/// Finds Node's `process` object of the main isolate: the object whose constructor is named
/// "process" and that has a string `version`. The global objects are asked first, which takes a
/// few pages; a program that hid its `process` from them costs a walk over the heap.
[[nodiscard]] std::optional<Address> find_process_object(const v8::Heap& heap, Progress& progress);

}  // namespace corewalk
