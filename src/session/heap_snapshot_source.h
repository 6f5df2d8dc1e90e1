#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/progress.h"
#include "graph/flat_array.h"
#include "graph/reachability.h"
#include "heap_graph/edge_lister.h"
#include "heap_graph/heap_graph.h"
#include "heap_graph/node_namer.h"
#include "heap_graph/source_places.h"
#include "report/snapshot_ids.h"
#include "report/snapshot_source.h"

namespace corewalk {

/// The live nodes of a HeapGraph in the form of V8's heap snapshots. Reads the objects again for
/// each question: nothing but the places of nodes in the file is kept.
class HeapSnapshotSource final : public SnapshotSource {
 public:
  /// Counts the edges, on all cores. If interrupted, it must not be used.
  HeapSnapshotSource(const HeapGraph& graph, const Reachability& reachability, SnapshotIds ids,
                     Progress& progress);

  [[nodiscard]] SnapshotCounts counts() override;
  void read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                  SnapshotStrings& strings) override;
  void read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                  std::vector<SnapshotEdge>& edges) override;
  void read_locations(SnapshotOrdinal first, uint32_t count,
                      std::vector<SnapshotLocation>& locations) override;

  /// The nodes in the order of the file.
  [[nodiscard]] const FlatArray<NodeId>& nodes() const { return nodes_; }
  /// The place of a live node.
  [[nodiscard]] SnapshotOrdinal ordinal_of(NodeId node) const { return ordinals_[node]; }

 private:
  static constexpr SnapshotOrdinal kNowhere = ~SnapshotOrdinal{0};

  void count_edges(const Reachability& reachability, Progress& progress);
  [[nodiscard]] bool is_shown(const NodeEdge& edge) const {
    return !edge.is_guess && ordinals_[edge.target] != kNowhere &&
           (edge.table == kNoNode ||
            (ordinals_[edge.table] != kNowhere && ordinals_[edge.key] != kNowhere));
  }
  [[nodiscard]] uint32_t id_of(NodeId node);
  [[nodiscard]] SnapshotStrings::Index name_of(const NodeEdge& edge, uint64_t place,
                                               SnapshotStrings& strings);
  [[nodiscard]] bool is_plain_symbol(v8::TaggedWord key) const;
  [[nodiscard]] std::string pair_name(const NodeEdge& edge, uint64_t place,
                                      const SnapshotStrings& strings);
  [[nodiscard]] std::string node_text(NodeId node, const SnapshotStrings& strings);

  const HeapGraph& graph_;
  SnapshotIds ids_;
  FlatArray<SnapshotOrdinal> ordinals_;  ///< of each node; kNowhere: it is dead
  FlatArray<NodeId> nodes_;              ///< at each place
  FlatArray<uint32_t> edge_counts_;      ///< at each place
  uint64_t edge_count_ = 0;
  ObjectIndex::Cursor cursor_;
  EdgeLister lister_;
  NodeNamer namer_;
  SourcePlaces places_;
  /// Names that come again and again: of properties by their key, of fields, of elements.
  std::unordered_map<uint64_t, SnapshotStrings::Index> key_names_;
  std::unordered_map<const char*, SnapshotStrings::Index> field_names_;
  std::vector<SnapshotStrings::Index> number_names_;
};

}  // namespace corewalk
