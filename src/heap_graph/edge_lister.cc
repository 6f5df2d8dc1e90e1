#include "heap_graph/edge_lister.h"

namespace corewalk {

EdgeLister::EdgeLister(const HeapGraph& graph)
    : graph_(graph),
      has_old_names_(graph.index().heap().layout().has(v8::Feature::kSnapshotWrapperEdges)),
      cursor_(graph.index()),
      planner_(graph.index()),
      maps_(graph.index().heap()),
      reader_(graph.index(), graph.facts(), planner_, maps_, *this) {}

const std::vector<NodeEdge>& EdgeLister::edges(NodeId node) {
  edges_.clear();
  node_ = node;
  reader_.renew_limit();
  if (graph_.is_object(node)) {
    list_object(node);
  } else if (node < graph_.first_object()) {
    for (const RootEdge& edge : graph_.root_edges(node)) {
      edges_.push_back({.type = edge.type,
                        .name = edge.name,
                        .target = edge.target,
                        .is_guess = edge.root != nullptr && !edge.root->in_snapshot});
    }
  } else if (node >= graph_.first_embedder()) {
    const EmbedderObject& object = graph_.embedder_objects()[node - graph_.first_embedder()];
    edges_.push_back(
        {.type = EdgeKind::kInternal,
         .name = EdgeName::of_text(has_old_names_ ? "wrapped" : "native_to_javascript"),
         .target = graph_.node_of(object.wrapper)});
  }
  return edges_;
}

void EdgeLister::list_object(NodeId node) {
  const Address address = cursor_.at(node - graph_.first_object());
  const v8::MapInfo* map = reader_.read_at(address);
  if (map == nullptr) return;
  const NodeId native = v8::is_js_object(map->tag) ? graph_.embedder_of(address) : kNoNode;
  if (native != kNoNode) {
    edges_.push_back(
        {.type = EdgeKind::kInternal,
         .name = EdgeName::of_text(has_old_names_ ? "wrapper" : "javascript_to_native"),
         .target = native});
  }
  for (const Ephemeron& ephemeron : graph_.graph().ephemerons_of_key(node)) {
    edges_.push_back({.type = EdgeKind::kInternal,
                      .name = {EdgeName::Kind::kEphemeron, 0, {}},
                      .target = ephemeron.value,
                      .table = ephemeron.table,
                      .key = node});
  }
}

void EdgeLister::edge(EdgeKind type, const EdgeName& name, ObjectNumber target) {
  edges_.push_back({.type = type, .name = name, .target = graph_.first_object() + target});
}

void EdgeLister::ephemeron(ObjectNumber key, ObjectNumber value) {
  if (graph_.graph().keys_own_values()) return;
  edges_.push_back({.type = EdgeKind::kInternal,
                    .name = {EdgeName::Kind::kEphemeron, 0, {}},
                    .target = graph_.first_object() + value,
                    .from_table = true,
                    .table = node_,
                    .key = graph_.first_object() + key});
}

void EdgeLister::store(uint64_t address, uint64_t /*bytes*/) {
  const NodeId native = graph_.native_of(address);
  if (native == kNoNode) return;
  edges_.push_back(
      {.type = EdgeKind::kInternal, .name = EdgeName::of_text("backing_store"), .target = native});
}

}  // namespace corewalk
