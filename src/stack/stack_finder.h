#pragma once

#include <span>
#include <vector>

#include "memory/process_info.h"
#include "memory/symbol_source.h"
#include "stack/frame.h"
#include "v8/heap.h"

namespace corewalk {

/// The JavaScript stacks of a process, in order of `threads`; then an empty one for each isolate in
/// which no JavaScript runs.
[[nodiscard]] std::vector<ThreadStack> find_stacks(const v8::Heap& heap,
                                                   const SymbolSource& symbols,
                                                   std::span<const ThreadInfo> threads);

}  // namespace corewalk
