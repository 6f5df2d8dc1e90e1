#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/progress.h"
#include "report/snapshot_source.h"

namespace corewalk {

/// What is known of the nodes of a source; all spans are as long as it has nodes.
struct PruneFacts {
  /// Immediate dominators; of node 0, and of what it does not reach, 0.
  std::span<const SnapshotOrdinal> idom;
  std::span<const uint64_t> retained_bytes;
  std::span<const uint64_t> self_bytes;
  /// Nodes of different groups do not share a fold; may be empty. Readers look at edges from what
  /// the program's own roots do not reach into what they do as if they were not there: folding
  /// both into one would bring these edges to life.
  std::span<const uint8_t> groups;
  /// Stay, and so do their dominators: roots, all successors of node 0 among them. Readers would
  /// take a fold there for a root of the program.
  std::span<const SnapshotOrdinal> always_kept;
};

/// What is to be folded: nodes that retain less than a threshold.
struct PruneRequest {
  PruneFacts facts;
  uint64_t threshold_bytes = 0;
};

/// A source that leaves out the small nodes of another one. Since a node retains no more than its
/// dominator, what stays is the upper part of the dominator tree. In place of all that was cut off
/// below a node stands one node of type native, "(folded: 12 345 objects)", with the size they had
/// together, the edges that led to them (the first of each holder, under its name), and edges to
/// all they held that stayed.
///
/// So the retained size of every node that stayed is what it was (docs/heap-snapshots.md). A fold
/// may retain more than its own size: what two folded objects held together, it holds alone.
class SnapshotPruner final : public SnapshotSource {
 public:
  /// Reads the edges of `source` once, and enters the strings of the source in a table of its own
  /// with these options: the file gets only those that stay. If interrupted, it must not be used.
  SnapshotPruner(SnapshotSource& source, const PruneRequest& request,
                 const SnapshotStrings::Options& strings, Progress& progress);
  ~SnapshotPruner() override;

  [[nodiscard]] uint32_t kept_nodes() const;
  [[nodiscard]] uint32_t folds() const;
  [[nodiscard]] uint64_t folded_objects() const;

  [[nodiscard]] SnapshotCounts counts() override;
  void read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                  SnapshotStrings& strings) override;
  void read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                  std::vector<SnapshotEdge>& edges) override;
  void read_locations(SnapshotOrdinal first, uint32_t count,
                      std::vector<SnapshotLocation>& locations) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace corewalk
