#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heap_graph/edge_reader.h"
#include "heap_graph/heap_graph.h"

namespace corewalk {

/// An edge of a HeapGraph with what there is to say of it.
struct NodeEdge {
  EdgeKind type = EdgeKind::kHidden;
  EdgeName name;
  NodeId target = kNoNode;
  /// From a word that may be no reference: V8's snapshot does not have it.
  bool is_guess = false;
  /// The one of a WeakMap's two edges that comes from the table: the key's says the same.
  bool from_table = false;
  /// Of an edge that a WeakMap makes: its table and key.
  NodeId table = kNoNode;
  NodeId key = kNoNode;
};

/// Reads the edges of one node after the other, weak ones too. Not thread-safe; as many as there
/// are threads can read one graph.
class EdgeLister {
 public:
  explicit EdgeLister(const HeapGraph& graph);
  EdgeLister(const EdgeLister&) = delete;
  EdgeLister& operator=(const EdgeLister&) = delete;

  /// The edges of a node, in the order in which V8's snapshot has its kinds. Valid until the next
  /// call. Of an object that cannot be read there are none.
  [[nodiscard]] const std::vector<NodeEdge>& edges(NodeId node);

  /// What edge() is called with, by EdgeReader.
  static constexpr bool kWeak = true;
  static constexpr bool kNamed = true;
  void edge(EdgeKind type, const EdgeName& name, ObjectNumber target);
  void late_edge(EdgeKind type, const EdgeName& name, ObjectNumber target) {
    edge(type, name, target);
  }
  void unmeasured_edge(EdgeKind type, const EdgeName& name, ObjectNumber target) {
    edge(type, name, target);
  }
  void tag(ObjectNumber /*target*/, NodeTagNumber /*tag*/) {}
  void ephemeron(ObjectNumber key, ObjectNumber value);
  void store(uint64_t address, uint64_t bytes);

 private:
  void list_object(NodeId node);

  const HeapGraph& graph_;
  bool has_old_names_;  ///< of the edges between wrappers and C++ objects
  ObjectIndex::Cursor cursor_;
  ObjectPlanner planner_;
  v8::MapTable<ObjectPlan> maps_;
  EdgeReader<EdgeLister> reader_;
  NodeId node_ = kNoNode;
  std::vector<NodeEdge> edges_;
};

}  // namespace corewalk
