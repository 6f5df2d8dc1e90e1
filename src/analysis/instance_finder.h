#pragma once

#include <optional>
#include <string_view>

#include "analysis/instance.h"
#include "base/progress.h"
#include "v8/heap.h"

namespace corewalk {

/// Which instances of a name to list, in order of address.
struct InstanceQuery {
  std::optional<v8::IsolateIndex> isolate;
  uint64_t skip = 0;
  uint64_t limit = 0;  ///< 0: all
};

/// Lists the objects that the census counts under `name`.
[[nodiscard]] InstancePage find_instances(const v8::Heap& heap, std::string_view name,
                                          const InstanceQuery& query, Progress& progress);

}  // namespace corewalk
