#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "graph/flat_array.h"
#include "graph/node_id.h"

namespace corewalk {

/// A set of nodes, one bit each: small enough to stay in the cache where an array would not.
class NodeBitmap {
 public:
  static constexpr size_t kBitsPerWord = 64;

  NodeBitmap() = default;
  /// The empty set of nodes below `size`.
  explicit NodeBitmap(size_t size) : words_(size / kBitsPerWord + 1, 0) {}
  [[nodiscard]] NodeBitmap copy() const {
    NodeBitmap same;
    same.words_ = FlatArray<uint64_t>::of(words_);
    return same;
  }

  [[nodiscard]] bool test(NodeId node) const {
    return (words_[node / kBitsPerWord] >> (node % kBitsPerWord) & 1) != 0;
  }
  void set(NodeId node) { words_[node / kBitsPerWord] |= bit(node); }
  /// The same without a branch, for what cannot be foretold.
  void set_if(bool condition, NodeId node) {
    words_[node / kBitsPerWord] |= uint64_t{condition} << (node % kBitsPerWord);
  }
  /// Adds the node; true if it was not in the set.
  [[nodiscard]] bool insert(NodeId node) {
    uint64_t& word = words_[node / kBitsPerWord];
    const bool is_new = (word & bit(node)) == 0;
    word |= bit(node);
    return is_new;
  }
  [[nodiscard]] size_t count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  /// Calls body(node) for each node of the set, in ascending order.
  template <typename Body>
  void for_each(const Body& body) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        body(static_cast<NodeId>(i * kBitsPerWord + static_cast<size_t>(std::countr_zero(word))));
      }
    }
  }
  [[nodiscard]] std::span<const uint64_t> words() const { return words_; }

 private:
  [[nodiscard]] static constexpr uint64_t bit(NodeId node) {
    return uint64_t{1} << (node % kBitsPerWord);
  }

  FlatArray<uint64_t> words_;
};

}  // namespace corewalk
