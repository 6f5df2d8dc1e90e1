#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/progress.h"
#include "graph/shortest_paths.h"
#include "graph/size_table.h"

namespace corewalk {

/// The shortest ways of many nodes from the top, with the ways that look the same laid over one
/// another: a tree.
class MergedPaths {
 public:
  /// What one step down looks like: two from places of the tree that are the same lead to the same
  /// place if their keys are equal. `holder` is kNoNode for a node at the top.
  using StepKey = std::function<uint64_t(NodeId holder, NodeId held)>;

  /// The top of the tree, which stands for no node.
  static constexpr uint32_t kTop = 0;

  struct Place {
    uint32_t above;       ///< the place that this one is below; kTop for kTop
    uint64_t key;         ///< of the step to it
    NodeId holder;        ///< of one such step; kNoNode at the top
    NodeId held;          ///< by that holder
    uint64_t count = 0;   ///< of the given nodes, how many are here or below
    uint64_t bytes = 0;   ///< their sizes
    uint64_t ending = 0;  ///< how many are here
  };

  /// Of nodes without distance only the number is kept. Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<MergedPaths> merge(const PathGraph& graph,
                                                        std::span<const NodeId> nodes,
                                                        const SizeTable& sizes, const StepKey& key,
                                                        Progress& progress);

  /// A place stands after the one above it.
  [[nodiscard]] const std::vector<Place>& places() const { return places_; }
  [[nodiscard]] uint64_t without_path() const { return without_path_; }

 private:
  class Merger;
  MergedPaths() = default;

  std::vector<Place> places_;
  uint64_t without_path_ = 0;
};

}  // namespace corewalk
