#include "stack/thread_walker.h"

#include <fmt/format.h>

#include <utility>

#include "stack/assembler_frames.h"
#include "stack/code_finder.h"
#include "stack/native_frame.h"

namespace corewalk {
namespace {

/// More than fit on the largest stack that anybody gives a thread.
constexpr size_t kMaxCalls = 1'000'000;
/// A handler may run on a stack below, so only their number bounds a walk through them.
constexpr size_t kMaxSignals = 16;

}  // namespace

struct ThreadWalker::State {
  Walk walk;
  std::optional<Registers> registers;  ///< of the next call, if it is native
  std::optional<Address> v8_frame;     ///< the next call, if it is one of V8's
  std::optional<Address> v8_pc;
  Address sp;  ///< what is left of the stack begins here
  bool is_return_address = false;
  std::optional<Address> exit;  ///< where V8 says that its next frame is
  std::string gap;
  size_t signals = 0;
};

std::optional<AddressRange> ThreadWalker::stack_from(Address sp) const {
  const Segment* segment = heap_.memory().find_segment(sp);
  if (segment == nullptr) return {};
  return AddressRange(sp, segment->range.end());
}

bool ThreadWalker::is_v8_frame(Address sp, std::optional<Address> fp) const {
  const auto stack = fp ? stack_from(sp) : std::nullopt;
  return stack && FrameWalker(heap_, *stack).is_frame(*fp);
}

ThreadWalker::Walk ThreadWalker::walk(const ThreadInfo& thread, std::optional<Address> exit) {
  State state;
  state.registers = Registers::of(thread, machine_);
  state.exit = exit;
  // The kernel's own threads (io_uring's) are in the core too, without registers.
  if (thread.sp.is_null() && thread.pc.is_null()) state.registers.reset();
  while (state.registers || state.v8_frame) {
    if (state.walk.calls.size() >= kMaxCalls) {
      state.walk.problem = fmt::format("more than {} frames", kMaxCalls);
      break;
    }
    if (state.v8_frame) {
      step_v8(state);
    } else {
      step_native(state);
    }
  }
  return std::move(state.walk);
}

void ThreadWalker::step_native(State& state) {
  const Registers here = *std::exchange(state.registers, {});
  state.sp = here.sp().value_or(Address());
  NativeUnwinder::Step step = unwinder_.step(here, state.is_return_address);
  StackFrame frame = native_frame(modules_, here.pc(), state.sp, state.is_return_address);
  if (step.has_no_rules && step_regexp(state, here)) return;
  // The code that V8 makes and its builtins, which are linked into the program, have no tables.
  const bool may_be_v8 =
      step.has_no_rules && (frame.code.empty() || frame.code.starts_with("Builtins_"));
  if (may_be_v8 && is_v8_frame(state.sp, here.fp())) {
    state.v8_frame = here.fp();
    state.v8_pc = here.pc();
    return;
  }
  if (step.has_no_rules) step.caller = caller_of_assembler(heap_.memory(), frame.code, here);
  step.is_outermost |= step.has_no_rules && begins_thread(frame.native.function);
  state.walk.calls.push_back({.native = std::move(frame), .gap = std::exchange(state.gap, {})});
  if (step.caller && step.caller_was_interrupted && ++state.signals > kMaxSignals) {
    step = {.problem = "more signal handlers than a thread can be in"};
  }
  state.registers = step.caller;
  state.is_return_address = !step.caller_was_interrupted;
  if (step.is_outermost && state.exit) {
    state.walk.problem =
        fmt::format("V8 has a frame at 0x{:x} that unwinding did not come by", state.exit->value());
  } else if (!step.caller && !step.is_outermost) {
    jump_to_exit(state, step.problem);
  }
}

/// The code of a regular expression has a frame like JavaScript's, but C++ calls it without an
/// entry frame.
bool ThreadWalker::step_regexp(State& state, const Registers& here) const {
  const auto code = find_code(heap_, here.pc());
  if (!code || code->kind != "REGEXP") return false;
  state.walk.calls.push_back(
      {.v8_frame = state.walk.v8_frames.size(), .gap = std::exchange(state.gap, {})});
  state.walk.v8_frames.push_back(
      {.fp = here.fp().value_or(state.sp), .pc = here.pc(), .type = "Irregexp"});
  state.registers = caller_of_regexp(heap_.memory(), here);
  state.is_return_address = true;
  if (!state.registers) jump_to_exit(state, "the frame of a regular expression is damaged");
  return true;
}

void ThreadWalker::jump_to_exit(State& state, const std::string& problem) const {
  if (!is_v8_frame(state.sp, state.exit)) {
    state.walk.problem = problem;
    return;
  }
  state.gap = problem;
  state.v8_frame = state.exit;
  state.v8_pc.reset();
}

/// V8's frames have to begin where V8 noted that it called C++.
void ThreadWalker::check_exit(State& state, const RawFrame& first) const {
  if (!is_exit(first.type) || state.exit == first.fp) return;
  state.walk.problem =
      state.exit ? fmt::format("unwinding came to V8's frame at 0x{:x}, but V8 left at 0x{:x}",
                               first.fp.value(), state.exit->value())
                 : fmt::format("unwinding came to V8's frame at 0x{:x}, where V8 did not leave",
                               first.fp.value());
}

void ThreadWalker::step_v8(State& state) {
  const auto stack = stack_from(state.sp);
  const FrameWalker::Segment segment = FrameWalker(heap_, stack.value_or(AddressRange()))
                                           .walk_to_entry(*state.v8_frame, state.v8_pc);
  state.v8_frame.reset();
  if (!segment.frames.empty()) check_exit(state, segment.frames.front());
  for (const RawFrame& frame : segment.frames) {
    state.walk.calls.push_back(
        {.v8_frame = state.walk.v8_frames.size(), .gap = std::exchange(state.gap, {})});
    state.walk.v8_frames.push_back(frame);
  }
  if (!segment.problem.empty()) {
    state.walk.problem = segment.problem;
    return;
  }
  const Address entry = segment.frames.back().fp;
  state.sp = entry;
  state.exit = segment.next_exit;
  state.registers = caller_of_entry(heap_.memory(), machine_, entry);
  state.is_return_address = true;
  if (!state.registers) jump_to_exit(state, "what JSEntry saved of its caller is not known");
}

}  // namespace corewalk
