#pragma once

#include <span>
#include <vector>

#include "memory/process_info.h"
#include "stack/frame.h"
#include "v8/gc_roots.h"

namespace corewalk {

/// The objects that the stacks of threads with JavaScript refer to, the innermost first. Frames of
/// V8's own are taken word by word: the collector visits all of theirs, but in optimised code only
/// what safepoint tables name, so there may be more here. Words of C++ frames, and the registers,
/// are taken too if they point to an object, with in_snapshot off: V8 finds what C++ uses through
/// handles alone. Nothing below a stack pointer counts, nor what lies above the outermost call.
[[nodiscard]] std::vector<v8::GcRoot> find_stack_roots(const v8::Heap& heap,
                                                       const ProcessInfo& process,
                                                       std::span<const ThreadStack> stacks);

}  // namespace corewalk
