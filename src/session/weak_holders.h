#pragma once

#include <compare>
#include <optional>
#include <span>
#include <vector>

#include "base/progress.h"
#include "heap_graph/retention_graph.h"

namespace corewalk {

/// Which live objects refer weakly to each: these keep nothing alive, so that Predecessors does not
/// have them.
class WeakHolders {
 public:
  /// Reads all live objects, on all cores. Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<WeakHolders> find(const RetentionGraph& graph,
                                                       Progress& progress);

  struct Reference {
    NodeId held = kNoNode;
    NodeId holder = kNoNode;
    friend auto operator<=>(const Reference&, const Reference&) = default;
  };
  /// Each holder once, ascending.
  [[nodiscard]] std::span<const Reference> of(NodeId held) const;

 private:
  WeakHolders() = default;

  std::vector<Reference> references_;  // sorted
};

}  // namespace corewalk
