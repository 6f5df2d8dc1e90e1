#pragma once

#include <cstdint>
#include <span>

#include "base/progress.h"
#include "graph/reachability.h"
#include "heap_graph/heap_graph.h"

namespace corewalk {

/// True if V8's snapshot has a node: it lists each kind of root, though there may be none of it,
/// and else what lives, guesses aside.
[[nodiscard]] inline bool is_listed(const HeapGraph& graph, const Reachability& reachability,
                                    NodeId node) {
  return node < graph.first_object() || (reachability.live(node) && !reachability.guessed(node));
}

/// Counts the edges of each listed object to listed nodes, as EdgeLister gives them: for the object
/// with node n, counts[place_of[n]] is set. Goes through the heap page by page, on all cores; an
/// interrupted count is not whole.
void count_listed_edges(const HeapGraph& graph, const Reachability& reachability,
                        std::span<const uint32_t> place_of, std::span<uint32_t> counts,
                        Progress& progress);

}  // namespace corewalk
