#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace corewalk {

/// One space of one isolate's heap. committed = used + free + unused + damaged + missing + what
/// page headers take.
struct SpaceSummary {
  std::optional<uint32_t> isolate;  ///< none: pages that all isolates share
  std::string name;                 ///< "new", "old", "code", "large object", "read-only", ...
  uint64_t pages = 0;
  uint64_t committed_bytes = 0;
  uint64_t used_bytes = 0;     ///< objects, live or not yet collected
  uint64_t free_bytes = 0;     ///< free-list entries and fillers
  uint64_t unused_bytes = 0;   ///< gaps: allocation areas, never-used tails
  uint64_t damaged_bytes = 0;  ///< no valid object could be read here
  uint64_t missing_bytes = 0;  ///< not in the core
};

}  // namespace corewalk
