#pragma once

#include <string>
#include <vector>

#include "report/snapshot_source.h"

namespace corewalk::test {

/// A snapshot as lists: what a test wants to be written, or what it read.
struct ListSnapshot {
  struct Edge {
    SnapshotEdgeType type = SnapshotEdgeType::kProperty;
    std::string name = {};  ///< unless has_index(type)
    uint32_t index = 0;     ///< if has_index(type)
    SnapshotOrdinal to = 0;
    bool holds = true;
  };
  struct Node {
    SnapshotNodeType type = SnapshotNodeType::kObject;
    std::string name = {};
    uint32_t id = 0;
    uint64_t self_size = 0;
    uint8_t detachedness = 0;
    bool contents = false;  ///< the name is what stands in a string
    std::vector<Edge> edges = {};
  };
  std::vector<Node> nodes;
  std::vector<SnapshotLocation> locations;  ///< in any order
  uint64_t extra_native_bytes = 0;
};

class ListSource final : public SnapshotSource {
 public:
  explicit ListSource(const ListSnapshot& snapshot) : snapshot_(snapshot) {}

  [[nodiscard]] SnapshotCounts counts() override;
  void read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                  SnapshotStrings& strings) override;
  void read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                  std::vector<SnapshotEdge>& edges) override;
  /// All of them with the first nodes, in their order.
  void read_locations(SnapshotOrdinal first, uint32_t count,
                      std::vector<SnapshotLocation>& locations) override;

 private:
  const ListSnapshot& snapshot_;
};

/// All that a source gives.
[[nodiscard]] ListSnapshot read_snapshot(SnapshotSource& source);

}  // namespace corewalk::test
