#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/progress.h"
#include "graph/flat_array.h"
#include "graph/object_graph.h"
#include "graph/size_table.h"
#include "heap_graph/object_facts.h"
#include "heap_graph/object_index.h"
#include "heap_graph/object_plan.h"

namespace corewalk {

/// Memory outside of the heap that an object holds.
struct NativeStore {
  NodeId owner = kNoNode;
  uint64_t address = 0;
  uint64_t bytes = 0;
};

/// What the objects of a page refer to. The memory is given back when the last page of its block
/// goes: pages are few bytes for a mapping each, and malloc would keep them.
struct PageTargets {
  std::shared_ptr<const FlatArray<NodeId>> block;
  std::span<const NodeId> targets;
};

/// The references of all objects of an index, in node numbers: object i is node `base + i`.
struct ExtractedEdges {
  FlatArray<uint32_t> edge_counts;  ///< of each object
  SizeTable sizes;                  ///< of each object
  FlatArray<v8::NodeType> types;
  FlatArray<NodeTagNumber> tags;  ///< what is said of each object
  /// The targets of all objects of a page, by place in ObjectIndex::pages().
  std::vector<PageTargets> page_targets;
  std::vector<Ephemeron> ephemerons;
  std::vector<SpecialEdge> special;
  /// What the collector does not follow, but V8's snapshot has as an edge like others: from a
  /// WeakRef in some versions, for one. They count if both ends live.
  std::vector<SpecialEdge> late;
  std::vector<NativeStore> stores;
  bool complete = true;  ///< false if the user interrupted
};

[[nodiscard]] ExtractedEdges extract_edges(const ObjectIndex& index, const ObjectFacts& facts,
                                           NodeId base, Progress& progress);

}  // namespace corewalk
