#pragma once

#include "analysis/census.h"
#include "base/progress.h"
#include "heap_graph/retention_graph.h"

namespace corewalk {

/// Counts the live objects of a graph, or the dead ones, by constructor. Rows are named as those of
/// take_census(); sizes are those of RetentionGraph::shallow_bytes(), and backing stores that
/// count for their owners are in no row. `isolate` restricts it to one of the graph's isolates.
/// Coverage is left to the caller. Interrupted, it counts too few.
[[nodiscard]] Census count_classes(const RetentionGraph& graph, Liveness liveness,
                                   std::optional<v8::IsolateIndex> isolate, Progress& progress);

/// The live objects of the row `name`, ascending.
[[nodiscard]] std::vector<NodeId> nodes_of_class(const RetentionGraph& graph, std::string_view name,
                                                 std::optional<v8::IsolateIndex> isolate,
                                                 uint64_t& dead_count, Progress& progress);

}  // namespace corewalk
