#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memory/process_info.h"
#include "memory/symbol_source.h"
#include "node/environment.h"
#include "v8/heap.h"

namespace corewalk {

struct EnvironmentVariable {
  std::string name;
  std::string value;
};

/// What `process` would tell by its functions and getters, learned from where those look.
struct ProcessFacts {
  std::string title;  ///< process.title, which libuv keeps in place of the arguments
  std::string cwd;
  std::string cwd_source;  ///< for humans: where that was found; "" if nowhere
  std::vector<EnvironmentVariable> environment;
  bool environment_is_current = false;  ///< else it is that of the start, without later changes
  std::optional<double> started_at_ms;  ///< performance.timeOrigin: since the epoch
  /// Between the start and the last time the main thread's event loop looked at its clock.
  std::optional<double> uptime_at_least_s;
};

/// `process_object` and `environments` are those that were found, or nothing.
[[nodiscard]] ProcessFacts read_process_facts(const v8::Heap& heap, const SymbolSource& symbols,
                                              const ProcessInfo& process,
                                              std::optional<Address> process_object,
                                              std::span<const Environment> environments);

}  // namespace corewalk
