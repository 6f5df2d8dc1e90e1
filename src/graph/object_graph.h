#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/flat_array.h"
#include "graph/node_bitmap.h"
#include "graph/node_id.h"

namespace corewalk {

/// What a WeakMap holds: `value` is held by `key` and `table` together, by neither alone.
struct Ephemeron {
  NodeId table;
  NodeId key;
  NodeId value;
};

/// An edge that holds its target, but that one question does not follow. There are few.
struct SpecialEdge {
  enum class Kind : uint8_t {
    kPlain,          ///< all questions follow it
    kNotDominating,  ///< a second way to what another edge says better: dominators leave it out
    kNotMeasured,    ///< distances leave it out
    kGuess,          ///< may be none: all leave it out, unless nothing else holds its target
  };
  NodeId from;
  NodeId to;
  Kind kind;
};

/// Bits of the byte that each node has.
enum NodeFlag : uint8_t {
  kOwnable = 1,    ///< part of its owner as people see it: its size may count there (ShallowSizes)
  kSynthetic = 2,  ///< stands for no object: owns nothing
};

/// What an ObjectGraph is made from.
struct GraphParts {
  FlatArray<uint32_t>
      first_edge;             ///< where each node's edges begin in targets; one more at the end
  FlatArray<NodeId> targets;  ///< strong edges; the same twice, or back to the node, is no error
  FlatArray<uint8_t> flags;   ///< of each node, bits of NodeFlag
  std::vector<SpecialEdge> special_edges;
  std::vector<Ephemeron> ephemerons;
  /// The value of an ephemeron is the user's if its key is; else if either key or table is.
  bool keys_own_values = false;
  /// What the program itself holds on to, as its global objects: distances are counted from there,
  /// and what is reached from there is not dominated by what is not. All are successors of the
  /// root.
  std::vector<NodeId> user_roots;
};

/// Objects and what holds what, frozen. Node 0 is the root. Knows neither names nor sizes.
class ObjectGraph {
 public:
  /// Takes the parts over. Throws a Failure if they do not fit together, such as an edge to a node
  /// that is not there; nothing below checks again.
  explicit ObjectGraph(GraphParts parts);

  /// Adds edges, of nodes that are there, to those of GraphParts. What was made of the graph before
  /// does not know of them.
  void add_special_edges(const std::vector<SpecialEdge>& edges);

  [[nodiscard]] size_t node_count() const { return node_count_; }
  /// Without special edges and ephemerons.
  [[nodiscard]] size_t edge_count() const { return parts_.targets.size(); }

  [[nodiscard]] std::span<const NodeId> successors(NodeId node) const {
    const uint32_t first = parts_.first_edge[node];
    return {parts_.targets.data() + first, parts_.first_edge[node + 1] - first};
  }
  /// For loops that read ahead of themselves.
  [[nodiscard]] std::span<const uint32_t> first_edges() const { return parts_.first_edge; }
  [[nodiscard]] std::span<const NodeId> targets() const { return parts_.targets; }

  [[nodiscard]] bool ownable(NodeId node) const { return ownable_.test(node); }
  [[nodiscard]] bool synthetic(NodeId node) const { return synthetic_.test(node); }
  [[nodiscard]] std::span<const NodeId> user_roots() const { return parts_.user_roots; }

  /// False for nearly every node: it has no special edge, and is key or table of no ephemeron.
  [[nodiscard]] bool has_more(NodeId node) const { return has_more_.test(node); }
  [[nodiscard]] const NodeBitmap& nodes_with_more() const { return has_more_; }
  [[nodiscard]] std::span<const SpecialEdge> special_edges(NodeId node) const;
  /// All ephemerons, sorted by key.
  [[nodiscard]] std::span<const Ephemeron> ephemerons() const { return parts_.ephemerons; }
  [[nodiscard]] bool keys_own_values() const { return parts_.keys_own_values; }
  /// Those of a key; the position of one in ephemerons() is its number.
  [[nodiscard]] std::span<const Ephemeron> ephemerons_of_key(NodeId key) const;
  /// The numbers of those of a table.
  [[nodiscard]] std::span<const uint32_t> ephemerons_of_table(NodeId table) const;

  /// Calls body(number, ephemeron, other) for each ephemeron that `node` is key or table of;
  /// `other` is the one of the two that `node` is not. A table that is its own key comes twice.
  template <typename Body>
  void for_each_ephemeron(NodeId node, const Body& body) const {
    for (const Ephemeron& ephemeron : ephemerons_of_key(node)) {
      body(static_cast<uint32_t>(&ephemeron - parts_.ephemerons.data()), ephemeron,
           ephemeron.table);
    }
    for (const uint32_t number : ephemerons_of_table(node)) {
      const Ephemeron& ephemeron = parts_.ephemerons[number];
      body(number, ephemeron, ephemeron.key);
    }
  }

  /// Bytes of memory that it takes.
  [[nodiscard]] size_t memory_bytes() const;

 private:
  void check() const;
  void sort_extras();
  void pack_flags();

  GraphParts parts_;  ///< but for the flags
  size_t node_count_;
  NodeBitmap ownable_;
  NodeBitmap synthetic_;
  std::vector<uint32_t> by_table_;  ///< numbers of ephemerons, sorted by table
  NodeBitmap has_more_;
};

}  // namespace corewalk
