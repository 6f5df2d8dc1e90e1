#pragma once

#include <optional>
#include <span>
#include <vector>

#include "memory/symbol_source.h"
#include "node/environment.h"
#include "node/timer.h"
#include "v8/heap.h"
#include "v8/source_locator.h"

namespace corewalk {

/// The objects of lib/internal/timers.js, Node 12 to 26, as a walk over the heap finds them.
struct TimerObjects {
  std::vector<Address> lists;  ///< TimersList: the heads of the lists, one for each delay
  std::vector<Address> timeouts;
  std::vector<Address> immediates;
};

/// The timers that wait, and those whose callback runs: what is linked into a list, what is not
/// destroyed. Timeouts first, the next one due first; then immediates, in the order they will run.
/// Without `environments` nothing is said of when.
[[nodiscard]] std::vector<Timer> read_timers(const v8::Heap& heap, const TimerObjects& objects,
                                             const SymbolSource& symbols,
                                             std::span<const Environment> environments,
                                             v8::SourceLocator& sources);

}  // namespace corewalk
