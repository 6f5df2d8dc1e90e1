#include "stack/frame_place.h"

#include <algorithm>

#include "v8/tagged.h"

namespace corewalk {
namespace {

using v8::kWordBytes;

/// A frame of V8's ends with the caller's frame pointer and the return address.
constexpr uint64_t kFrameTail = 2 * kWordBytes;
/// The frame through which JavaScript calls C++ begins at most this far below its frame pointer.
constexpr uint64_t kExitFrameHead = 4 * kWordBytes;

}  // namespace

std::optional<Address> end_of_frame(const ThreadStack& stack, size_t index) {
  const StackFrame& frame = stack.frames[index];
  if (frame.kind != FrameKind::kNative) return frame.fp + kFrameTail;
  if (index + 1 == stack.frames.size()) return {};
  const StackFrame& caller = stack.frames[index + 1];
  if (caller.kind == FrameKind::kNative) return caller.fp;
  return std::max(caller.fp - kExitFrameHead, frame.fp + kWordBytes);
}

std::optional<size_t> frame_at(const ThreadStack& stack, Address word) {
  for (size_t i = 0; i < stack.frames.size(); ++i) {
    const auto end = end_of_frame(stack, i);
    if (!end || word < *end) return i;
  }
  return {};
}

}  // namespace corewalk
