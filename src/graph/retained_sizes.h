#pragma once

#include <cstdint>

#include "graph/dominator_tree.h"
#include "graph/size_table.h"

namespace corewalk {

/// The bytes that would be free without a node: its own and those of all that it dominates.
class RetainedSizes {
 public:
  /// `sizes` are of each node. `tree` must outlive this.
  RetainedSizes(const DominatorTree& tree, const SizeTable& sizes);

  /// 0 for a dead node.
  [[nodiscard]] uint64_t operator[](NodeId node) const {
    return tree_->contains(node) ? sums_[tree_->position_of(node)] : 0;
  }
  /// Of the node at a position of the tree.
  [[nodiscard]] uint64_t at(uint32_t position) const { return sums_[position]; }

 private:
  const DominatorTree* tree_;
  SumTable sums_;  ///< by position
};

}  // namespace corewalk
