#pragma once

#include <optional>

#include "base/progress.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"
#include "graph/size_table.h"

namespace corewalk {

/// Moves the size of each ownable node that one other node alone holds, directly or through ownable
/// nodes, to that owner: an array's elements count as the array, a closure's context as the
/// closure. An owner is no synthetic node and not the root. Without user roots nothing moves.
///
/// This is what Chrome DevTools shows as shallow size (chrome-devtools-frontend 1.0.1705227,
/// HeapSnapshot.ts, calculateShallowSizes), but that it takes dead owners for owners. `sizes` are
/// of each node. False, with sizes as they were, if `progress` was interrupted.
[[nodiscard]] bool move_sizes_to_owners(const ObjectGraph& graph, const Reachability& reachability,
                                        SizeTable& sizes, Progress& progress);

}  // namespace corewalk
