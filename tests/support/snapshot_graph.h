#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/object_graph.h"
#include "graph/size_table.h"

namespace corewalk::test {

/// A .heapsnapshot file as the graph that DevTools sees in it.
struct SnapshotGraph {
  GraphParts parts;
  SizeTable sizes;                 ///< of each node, as in the file
  std::vector<uint32_t> class_of;  ///< of each node: by type and name
  uint32_t class_count = 0;
};

/// Reads a file that V8 wrote; throws std::runtime_error if it looks different.
[[nodiscard]] SnapshotGraph read_snapshot(const std::string& path);

/// A graph with as many edges a node as the heap of a service has, most of them to nodes near by.
[[nodiscard]] SnapshotGraph random_snapshot(uint32_t node_count);

}  // namespace corewalk::test
