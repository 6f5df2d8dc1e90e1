#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/frame.h"
#include "v8/heap.h"

namespace corewalk {

/// Follows the frames of JavaScript on one thread's stack (execution/frames.cc,
/// StackFrameIterator): [fp] is the caller's frame, [fp + 8] where it goes on, [fp - 8] the frame's
/// type or, of JavaScript code, its context. Where C++ had called JavaScript, goes on with the
/// frame through which that C++ had been called. Frames ascend and stay on the stack, so the walk
/// ends on any memory.
class FrameWalker {
 public:
  /// `stack`: from the stack pointer to the stack's end.
  FrameWalker(const v8::Heap& heap, AddressRange stack) : heap_(heap), stack_(stack) {}

  struct Walk {
    std::vector<RawFrame> frames;
    std::string problem;  ///< why it ends before the outermost frame; "" if it does not
  };
  [[nodiscard]] Walk walk(Address fp, std::optional<Address> pc) const;

  /// The frames up to the one through which C++ had called JavaScript.
  struct Segment {
    std::vector<RawFrame> frames;
    /// Of the exit frame through which that C++ had been called; absent if V8 says that none was.
    std::optional<Address> next_exit;
    std::string problem;  ///< why the last frame is no entry frame; "" if it is
  };
  [[nodiscard]] Segment walk_to_entry(Address fp, std::optional<Address> pc) const;

  /// True if a frame of V8's lies at `fp`.
  [[nodiscard]] bool is_frame(Address fp) const { return frame_at(fp, {}).has_value(); }
  /// True if a frame at `fp` is one through which JavaScript calls C++.
  [[nodiscard]] bool is_exit_frame(Address fp) const;

 private:
  [[nodiscard]] std::optional<RawFrame> frame_at(Address fp, std::optional<Address> pc) const;

  const v8::Heap& heap_;
  AddressRange stack_;
};

[[nodiscard]] bool is_exit(std::string_view frame_type);
[[nodiscard]] bool is_entry(std::string_view frame_type);

}  // namespace corewalk
