#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"
#include "graph/size_table.h"
#include "heap_graph/edge_extraction.h"
#include "heap_graph/graph_roots.h"
#include "heap_graph/object_facts.h"
#include "heap_graph/object_index.h"
#include "heap_graph/root_edge.h"

namespace corewalk {

/// The objects of some isolates, and what holds them, as nodes and edges of V8's heap snapshot: the
/// root, "(GC roots)", a node for each kind of root, the objects in order of their addresses, and
/// memory outside of the heap that objects own.
///
/// Nodes have numbers only; names and edges' names are read from the objects when they are wanted.
/// Immutable once built; keeps a reference to the Heap.
class HeapGraph {
 public:
  /// Throws Failure(kPartial) if the user interrupted.
  [[nodiscard]] static std::unique_ptr<HeapGraph> build(const v8::Heap& heap,
                                                        std::optional<v8::IsolateIndex> isolate,
                                                        GraphRoots roots, Progress& progress);

  /// Not after release_references().
  [[nodiscard]] const ObjectGraph& graph() const {
    assert(graph_);
    return *graph_;
  }
  /// Gives back what graph() takes. The nodes, and what is known of each, stay.
  void release_references() { graph_.reset(); }
  [[nodiscard]] bool has_references() const { return graph_.has_value(); }
  /// Adds to the graph what counts as an edge only between objects that live otherwise. True if
  /// this can bring objects nearer to a root, so that Reachability must be found again.
  [[nodiscard]] bool add_late_edges(const Reachability& reachability);
  [[nodiscard]] const ObjectIndex& index() const { return index_; }
  [[nodiscard]] const ObjectFacts& facts() const { return *facts_; }

  static constexpr NodeId kGcRoots = 1;
  /// Nodes before the first object: the root, "(GC roots)" and its children.
  [[nodiscard]] NodeId first_object() const { return first_object_; }
  [[nodiscard]] NodeId first_native() const { return first_object_ + index_.size(); }
  [[nodiscard]] bool is_object(NodeId node) const {
    return node >= first_object_ && node < first_native();
  }
  /// The kind of roots that a node behind "(GC roots)" stands for.
  [[nodiscard]] const v8::RootGroup& root_group(NodeId node) const {
    return groups_[node - kGcRoots - 1];
  }
  /// Edges of the nodes before the first object, weak ones too.
  [[nodiscard]] std::span<const RootEdge> root_edges(NodeId node) const {
    return root_edges_[node];
  }
  /// What an edge to a root is called that is the `place`-th of its node.
  [[nodiscard]] std::string root_edge_name(uint64_t root, uint64_t place) const {
    return root_names_->name(roots_[root], place);
  }
  [[nodiscard]] std::span<const v8::GcRoot> roots() const { return roots_; }

  /// kNoNode if no object begins there, nor was moved away from there.
  [[nodiscard]] NodeId node_of(Address object) const {
    ObjectNumber number = index_.find(object);
    if (number == kNoObject) number = index_.find(index_.heap().moved_to(object));
    return number == kNoObject ? kNoNode : first_object_ + number;
  }
  /// Of an object.
  [[nodiscard]] Address address_of(NodeId node) const {
    return index_.address_of(node - first_object_);
  }
  /// Not after release_types().
  [[nodiscard]] v8::NodeType type_of(NodeId node) const;
  /// What its holder says of an object. Not after release_types().
  [[nodiscard]] NodeTagNumber tag_of(NodeId node) const { return tags_[node - first_object_]; }
  /// Gives back what these two take.
  void release_types() {
    types_ = {};
    tags_ = {};
  }
  [[nodiscard]] uint64_t self_bytes(NodeId node) const;
  /// The same of all nodes.
  [[nodiscard]] SizeTable self_sizes() const;

  /// C++ objects of the embedder, whose nodes come last.
  [[nodiscard]] NodeId first_embedder() const {
    return first_native() + static_cast<NodeId>(natives_.size());
  }
  [[nodiscard]] NodeId node_count() const {
    return first_embedder() + static_cast<NodeId>(embedder_objects_.size());
  }
  [[nodiscard]] std::span<const EmbedderObject> embedder_objects() const {
    return embedder_objects_;
  }
  /// The C++ object of the wrapper at an address; kNoNode if it has none.
  [[nodiscard]] NodeId embedder_of(Address wrapper) const;

  /// The node of memory that objects own; kNoNode if there is none at this address.
  [[nodiscard]] NodeId native_of(uint64_t address) const;
  /// Memory that objects own, in order of its nodes.
  [[nodiscard]] std::span<const NativeStore> natives() const { return natives_; }

 private:
  class Builder;
  explicit HeapGraph(ObjectIndex index) : index_(std::move(index)) {}

  ObjectIndex index_;
  std::optional<ObjectFacts> facts_;
  std::optional<ObjectGraph> graph_;
  NodeId first_object_ = 0;
  SizeTable sizes_;                // of objects
  FlatArray<v8::NodeType> types_;  // of objects
  FlatArray<NodeTagNumber> tags_;  // of objects
  std::vector<v8::GcRoot> roots_;
  std::vector<EmbedderObject> embedder_objects_;  // by address of the wrapper
  std::vector<v8::RootGroup> groups_;
  std::vector<std::vector<RootEdge>> root_edges_;
  std::optional<v8::RootEdgeNames> root_names_;
  std::vector<NativeStore> natives_;
  std::vector<SpecialEdge> late_edges_;
};

}  // namespace corewalk
