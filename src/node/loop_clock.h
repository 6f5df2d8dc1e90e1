#pragma once

#include <cstdint>
#include <optional>

#include "memory/symbol_source.h"
#include "node/environment.h"
#include "v8/heap.h"

namespace corewalk {

/// The clock of an event loop, in milliseconds.
struct LoopClock {
  int64_t time = 0;         ///< uv_now(): of the system's clock that starts with the machine
  int64_t timer_start = 0;  ///< what Node's timers count from, on the same clock

  [[nodiscard]] int64_t now() const { return time - timer_start; }
};

/// The clock of an Environment. `latest_start` is a moment on the timers' clock that has passed,
/// such as the start of the youngest timer. Absent if the binary's symbols do not tell.
[[nodiscard]] std::optional<LoopClock> find_loop_clock(const v8::Heap& heap,
                                                       const SymbolSource& symbols,
                                                       const Environment& environment,
                                                       int64_t latest_start);

/// uv_now() of its loop alone.
[[nodiscard]] std::optional<int64_t> find_loop_time(const v8::Heap& heap,
                                                    const SymbolSource& symbols,
                                                    const Environment& environment);

}  // namespace corewalk
