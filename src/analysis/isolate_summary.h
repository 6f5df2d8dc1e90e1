#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.h"

namespace corewalk {

enum class IsolateRole : uint8_t { kMain, kWorker };

[[nodiscard]] constexpr std::string_view to_string(IsolateRole role) {
  switch (role) {
    case IsolateRole::kMain:
      return "main";
    case IsolateRole::kWorker:
      return "worker";
  }
  return "unknown";
}

/// One V8 instance of the process, as `isolates` lists it.
struct IsolateSummary {
  uint32_t index = 0;  ///< what --isolate takes
  IsolateRole role = IsolateRole::kMain;
  Address address;
  Address heap;
  std::optional<uint64_t> thread_id;  ///< of the thread that runs in it, if that can be told
  uint64_t pages = 0;
  uint64_t committed_bytes = 0;  ///< of its pages
};

}  // namespace corewalk
