#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

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

/// The addresses, untagged, of the objects under each of several names, in the order of the names;
/// one walk finds them all.
[[nodiscard]] std::vector<std::vector<Address>> find_objects(
    const v8::Heap& heap, std::span<const std::string_view> names, Progress& progress);

}  // namespace corewalk
