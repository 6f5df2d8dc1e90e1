#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/callback.h"

namespace corewalk {

enum class TimerKind : uint8_t { kTimeout, kImmediate };

/// Something that setTimeout, setInterval or setImmediate has put off.
struct Timer {
  TimerKind kind = TimerKind::kTimeout;
  v8::IsolateIndex isolate = 0;
  Address object;  ///< tagged, as V8 prints it
  std::string type = {};
  std::optional<Callback> callback = {};
  std::optional<int64_t> delay_ms = {};   ///< of a kTimeout, as all times below
  std::optional<int64_t> repeat_ms = {};  ///< of setInterval: until the next time
  /// From the last time the event loop looked at its clock; negative if overdue.
  std::optional<int64_t> due_in_ms = {};
  bool refd = true;      ///< keeps the loop alive
  bool running = false;  ///< its callback had been called and had not returned
};

}  // namespace corewalk
