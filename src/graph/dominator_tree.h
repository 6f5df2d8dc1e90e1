#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/progress.h"
#include "graph/flat_array.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace corewalk {

struct DepthFirstNumbers;

/// Which node all ways from the root to a node go through, for each live node. Over which edges:
/// see DepthFirstNumbers.
///
/// The tree is laid out in preorder: what a node dominates, itself first, is one run of positions.
class DominatorTree {
 public:
  /// Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<DominatorTree> build(const ObjectGraph& graph,
                                                          const Reachability& reachability,
                                                          Progress& progress);
  /// The same, from what the search depth first found: the edges are not needed any more.
  [[nodiscard]] static std::optional<DominatorTree> build(DepthFirstNumbers numbers,
                                                          size_t node_count, Progress& progress);

  /// How many nodes are in it: the live ones.
  [[nodiscard]] size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool contains(NodeId node) const { return positions_[node] != kNoPosition; }

  /// The immediate dominator; kNoNode for the root and for dead nodes.
  [[nodiscard]] NodeId dominator(NodeId node) const;
  /// Both must be in the tree. A node dominates itself.
  [[nodiscard]] bool dominates(NodeId above, NodeId below) const {
    const uint32_t position = positions_[below];
    return positions_[above] <= position && position < ends_[positions_[above]];
  }

  /// The nodes in preorder: node_at(0) is the root, and those that the node at `position` dominates
  /// are there and up to end_of(position).
  [[nodiscard]] NodeId node_at(uint32_t position) const { return nodes_[position]; }
  [[nodiscard]] uint32_t end_of(uint32_t position) const { return ends_[position]; }
  [[nodiscard]] uint32_t dominator_of(uint32_t position) const { return dominators_[position]; }
  /// Of a node in the tree.
  [[nodiscard]] uint32_t position_of(NodeId node) const { return positions_[node]; }

  /// The nodes that one dominates immediately, for a range-based for.
  class Children;
  [[nodiscard]] Children children(NodeId node) const;

 private:
  static constexpr uint32_t kNoPosition = ~uint32_t{0};

  DominatorTree() = default;
  /// From the immediate dominators by number, in the place of `parents`.
  void lay_out(size_t node_count, DepthFirstNumbers numbers);

  FlatArray<uint32_t> positions_;   ///< of each node
  FlatArray<NodeId> nodes_;         ///< at each position
  FlatArray<uint32_t> ends_;        ///< of what the node at each position dominates
  FlatArray<uint32_t> dominators_;  ///< their positions; the root's own for the root
};

class DominatorTree::Children {
 public:
  class Iterator {
   public:
    using value_type = NodeId;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const DominatorTree& tree, uint32_t position) : tree_(&tree), position_(position) {}
    [[nodiscard]] NodeId operator*() const { return tree_->nodes_[position_]; }
    Iterator& operator++() {
      position_ = tree_->ends_[position_];
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    [[nodiscard]] bool operator==(const Iterator& other) const = default;

   private:
    const DominatorTree* tree_ = nullptr;
    uint32_t position_ = 0;
  };

  Children(Iterator begin, Iterator end) : begin_(begin), end_(end) {}
  [[nodiscard]] Iterator begin() const { return begin_; }
  [[nodiscard]] Iterator end() const { return end_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

 private:
  Iterator begin_;
  Iterator end_;
};

inline NodeId DominatorTree::dominator(NodeId node) const {
  if (node == kRootNode || !contains(node)) return kNoNode;
  return nodes_[dominators_[positions_[node]]];
}

inline DominatorTree::Children DominatorTree::children(NodeId node) const {
  if (!contains(node)) return {Children::Iterator(*this, 0), Children::Iterator(*this, 0)};
  const uint32_t position = positions_[node];
  return {Children::Iterator(*this, position + 1), Children::Iterator(*this, ends_[position])};
}

}  // namespace corewalk
