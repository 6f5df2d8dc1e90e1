#pragma once

#include <cstddef>
#include <optional>

#include "stack/frame.h"

namespace corewalk {

/// The call whose frame holds a word of its thread's stack, as an index into stack.frames; absent
/// above the outermost.
[[nodiscard]] std::optional<size_t> frame_at(const ThreadStack& stack, Address word);

/// Where the frame of stack.frames[index] ends; absent if it is the outermost of compiled code.
[[nodiscard]] std::optional<Address> end_of_frame(const ThreadStack& stack, size_t index);

}  // namespace corewalk
