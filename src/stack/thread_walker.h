#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memory/code_modules.h"
#include "memory/process_info.h"
#include "stack/frame.h"
#include "stack/frame_walker.h"
#include "unwind/native_unwinder.h"
#include "v8/heap.h"

namespace corewalk {

/// Walks the whole stack of a thread: compiled code by its unwind tables, what V8 made by its frame
/// pointers, and from the one to the other as often as they call each other. Not thread-safe.
class ThreadWalker {
 public:
  /// Both must live as long as *this.
  ThreadWalker(const v8::Heap& heap, const CodeModules& modules, Machine machine)
      : heap_(heap), modules_(modules), machine_(machine), unwinder_(heap.memory(), modules) {}

  /// A call of either sort.
  struct Call {
    std::optional<size_t> v8_frame = {};  ///< number in Walk::v8_frames
    StackFrame native = {};               ///< if it is none of V8's
    std::string gap = {};                 ///< why calls are missing before this one
  };
  struct Walk {
    std::vector<Call> calls;
    std::vector<RawFrame> v8_frames;
    std::string problem;  ///< why it ends before the outermost call, or what is in doubt
  };
  /// `exit`: the innermost frame through which JavaScript called C++, as the isolate has it, if it
  /// has one. Leads over calls that cannot be unwound.
  [[nodiscard]] Walk walk(const ThreadInfo& thread, std::optional<Address> exit);

 private:
  struct State;

  [[nodiscard]] std::optional<AddressRange> stack_from(Address sp) const;
  [[nodiscard]] bool is_v8_frame(Address sp, std::optional<Address> fp) const;
  void step_native(State& state);
  [[nodiscard]] bool step_regexp(State& state, const Registers& here) const;
  void step_v8(State& state);
  void jump_to_exit(State& state, const std::string& problem) const;
  void check_exit(State& state, const RawFrame& first) const;

  const v8::Heap& heap_;
  const CodeModules& modules_;
  Machine machine_;
  NativeUnwinder unwinder_;
};

}  // namespace corewalk
