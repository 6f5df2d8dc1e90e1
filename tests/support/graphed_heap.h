#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heap_graph/edge_lister.h"
#include "heap_graph/node_namer.h"
#include "heap_graph/retention_graph.h"
#include "support/heap_builder.h"

namespace corewalk::test {

/// A root that holds an object.
[[nodiscard]] v8::GcRoot root_of(Address object);

/// The graph of what a builder wrote, held by global handles to `held`.
class GraphedHeap {
 public:
  GraphedHeap(HeapBuilder& builder, const std::vector<Address>& held,
              std::optional<v8::IsolateIndex> isolate = {});
  GraphedHeap(HeapBuilder& builder, GraphRoots roots, std::optional<v8::IsolateIndex> isolate = {});

  [[nodiscard]] const v8::Heap& heap() const { return *heap_; }
  [[nodiscard]] RetentionGraph& graph() { return *graph_; }
  [[nodiscard]] const HeapGraph& objects() const { return graph_->objects(); }
  [[nodiscard]] std::unique_ptr<RetentionGraph> take_graph() { return std::move(graph_); }

  /// The node of an object; the test fails if there is none.
  [[nodiscard]] NodeId node(Address object) const;
  [[nodiscard]] bool live(Address object) const { return graph_->live(node(object)); }
  [[nodiscard]] uint64_t retained(Address object) const {
    return graph_->retained_bytes(node(object));
  }
  [[nodiscard]] std::string name(Address object);

  /// How the edges from one object to another are called, sorted: "property f0", "weak 1".
  [[nodiscard]] std::vector<std::string> labels(Address holder, Address held);
  /// The strong edges of a node, as the graph has them.
  [[nodiscard]] std::vector<NodeId> successors(NodeId node) const;

 private:
  FoundHeap heap_;
  std::unique_ptr<RetentionGraph> graph_;
  std::optional<EdgeLister> lister_;
  std::optional<NodeNamer> namer_;
};

}  // namespace corewalk::test
