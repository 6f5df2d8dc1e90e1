#include "node/loop_clock.h"

#include <algorithm>

#include "node/native_object.h"

namespace corewalk {
namespace {

/// An Environment is some kilobytes large (src/env.h, Node 12 to 26: 0xc00 to 0x1000).
constexpr uint64_t kMaxEnvironmentBytes = 0x1800;
constexpr uint64_t kWord = v8::kWordBytes;

/// Environment::timer_handle_, known by its callback.
std::optional<uint64_t> timer_handle_offset(const ByteView& environment, const v8::Layout& layout,
                                            Address run_timers) {
  const auto timer = layout.classes.find("uv_timer_t");
  if (timer == layout.classes.end()) return {};
  const v8::ClassField* callback = v8::Layout::field(&timer->second, "timer_cb");
  if (callback == nullptr) return {};
  for (uint64_t at = callback->offset; at + kWord <= environment.size(); at += kWord) {
    if (environment.read<uint64_t>(at).value_or(0) == run_timers.value()) {
      return at - callback->offset;
    }
  }
  return {};
}

/// The timer handle in an Environment, and the bytes that hold it.
struct TimerPlace {
  ByteView environment;
  uint64_t offset = 0;
};

std::optional<TimerPlace> find_timer(const v8::Heap& heap, const SymbolSource& symbols,
                                     const Environment& environment) {
  const auto run_timers = symbols.find("_ZN4node11Environment9RunTimersEP10uv_timer_s");
  const auto bytes = heap.memory().view_prefix(environment.address, kMaxEnvironmentBytes);
  if (!run_timers || !bytes) return {};
  const auto offset = timer_handle_offset(*bytes, heap.layout(), run_timers->address);
  return offset ? std::optional(TimerPlace{*bytes, *offset}) : std::nullopt;
}

std::optional<int64_t> time_of_loop(const v8::Heap& heap, Address handle) {
  const NativeObject view(heap.memory(), heap.layout(), "uv_handle_t", handle);
  const auto loop = view.pointer("loop");
  if (!loop) return {};
  const auto time = NativeObject(heap.memory(), heap.layout(), "uv_loop_t", *loop).number("time");
  return time && *time > 0 ? time : std::nullopt;
}

}  // namespace

// Environment::timer_base_ lies somewhere behind the timer handle; the offset differs from release
// to release. It is the latest of the words that can be it: no timer starts in the future. Another
// word would have to lie between the true one and the start of the youngest timer, on the scale of
// milliseconds since the machine started.
std::optional<LoopClock> find_loop_clock(const v8::Heap& heap, const SymbolSource& symbols,
                                         const Environment& environment, int64_t latest_start) {
  const auto timer = find_timer(heap, symbols, environment);
  if (!timer) return {};
  const auto time = time_of_loop(heap, environment.address + timer->offset);
  if (!time) return {};
  int64_t start = 0;
  constexpr uint64_t kTimerBytes = 19 * kWord;  // sizeof(uv_timer_t)
  const ByteView& bytes = timer->environment;
  for (uint64_t at = timer->offset + kTimerBytes; at + kWord <= bytes.size(); at += kWord) {
    const auto word = static_cast<int64_t>(bytes.read<uint64_t>(at).value_or(0));
    if (word > 0 && word <= *time - latest_start) start = std::max(start, word);
  }
  if (start == 0) return {};
  return LoopClock{.time = *time, .timer_start = start};
}

std::optional<int64_t> find_loop_time(const v8::Heap& heap, const SymbolSource& symbols,
                                      const EnvironmentOffsets& offsets,
                                      const Environment& environment) {
  if (const auto timer = find_timer(heap, symbols, environment)) {
    if (const auto time = time_of_loop(heap, environment.address + timer->offset)) return time;
  }
  const Address head = environment.address + offsets.handle_queue;
  const auto node = heap.memory().read<uint64_t>(head + offsets.next, "first handle");
  if (!node || Address(*node) == head) return {};
  const auto handle =
      find_uv_handle(heap.memory(), Address(*node) - offsets.handle_node, Address(*node));
  return handle ? time_of_loop(heap, handle->handle) : std::nullopt;
}

}  // namespace corewalk
