#include "session/heap_snapshot_source.h"

#include <fmt/format.h>

#include "heap_graph/edge_counter.h"

namespace corewalk {
namespace {

/// Names of elements that are looked up by number.
constexpr uint64_t kKeptNumbers = 1 << 16;

// The types of nodes and edges have V8's numbers on both sides.
SnapshotNodeType node_type(v8::NodeType type) { return static_cast<SnapshotNodeType>(type); }
SnapshotEdgeType edge_type(EdgeKind type) { return static_cast<SnapshotEdgeType>(type); }

}  // namespace

HeapSnapshotSource::HeapSnapshotSource(const HeapGraph& graph, const Reachability& reachability,
                                       SnapshotIds ids, Progress& progress)
    : graph_(graph),
      ids_(std::move(ids)),
      ordinals_(graph.graph().node_count(), kNowhere),
      cursor_(graph.index()),
      lister_(graph),
      namer_(graph),
      places_(graph.index().heap()),
      number_names_(kKeptNumbers) {
  const auto listed = [&](NodeId node) { return is_listed(graph, reachability, node); };
  size_t count = 0;
  for (NodeId node = 0; node < graph.graph().node_count(); ++node) count += listed(node) ? 1 : 0;
  nodes_ = FlatArray<NodeId>(count);
  edge_counts_ = FlatArray<uint32_t>(count, 0);
  SnapshotOrdinal next = 0;
  for (NodeId node = 0; node < graph.graph().node_count(); ++node) {
    if (!listed(node)) continue;
    nodes_[next] = node;
    ordinals_[node] = next++;
  }
  count_edges(reachability, progress);
}

void HeapSnapshotSource::count_edges(const Reachability& reachability, Progress& progress) {
  count_listed_edges(graph_, reachability, {ordinals_.data(), ordinals_.size()},
                     {edge_counts_.data(), edge_counts_.size()}, progress);
  const auto list = [&](NodeId begin, NodeId end) {
    for (NodeId node = begin; node < end; ++node) {
      if (ordinals_[node] == kNowhere) continue;
      for (const NodeEdge& edge : lister_.edges(node)) {
        edge_counts_[ordinals_[node]] += is_shown(edge) ? 1U : 0U;
      }
    }
  };
  list(0, graph_.first_object());
  list(graph_.first_embedder(), static_cast<NodeId>(graph_.graph().node_count()));
  for (const uint32_t count : edge_counts_) edge_count_ += count;
}

SnapshotCounts HeapSnapshotSource::counts() {
  return {
      .nodes = static_cast<uint32_t>(nodes_.size()), .edges = edge_count_, .extra_native_bytes = 0};
}

uint32_t HeapSnapshotSource::id_of(NodeId node) {
  if (node < graph_.first_object()) return SnapshotIds::root_id(node);
  const v8::Heap& heap = graph_.index().heap();
  const auto of_object = [&](NodeId object) {
    const Address address = cursor_.at(object - graph_.first_object());
    return ids_.object_id(heap.page_table().find(address), address);
  };
  if (graph_.is_object(node)) return of_object(node);
  if (node < graph_.first_embedder()) {
    return SnapshotIds::native_id(of_object(graph_.natives()[node - graph_.first_native()].owner));
  }
  const EmbedderObject& object = graph_.embedder_objects()[node - graph_.first_embedder()];
  return SnapshotIds::native_id(of_object(graph_.node_of(object.wrapper)));
}

void HeapSnapshotSource::read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                                    SnapshotStrings& strings) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    const NodeId node = nodes_[first + i];
    const NodeNamer::Name name = namer_.name(node, strings.limit_units());
    nodes[i] = {.type = node_type(graph_.type_of(node)),
                .name = name.is_contents ? strings.contents(name.text) : strings.name(name.text),
                .id = id_of(node),
                .edge_count = edge_counts_[first + i],
                .self_size = graph_.self_bytes(node)};
  }
}

void HeapSnapshotSource::read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                                    std::vector<SnapshotEdge>& edges) {
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t place = 0;
    for (const NodeEdge& edge : lister_.edges(nodes_[first + i])) {
      if (!is_shown(edge)) continue;
      ++place;
      const SnapshotEdgeType type = edge_type(edge.type);
      edges.push_back({.type = type,
                       .holds = edge.type != EdgeKind::kWeak && !edge.from_table,
                       .name_or_index = has_index(type) ? static_cast<uint32_t>(edge.name.number)
                                                        : name_of(edge, place, strings),
                       .to = ordinals_[edge.target]});
    }
  }
}

SnapshotStrings::Index HeapSnapshotSource::name_of(const NodeEdge& edge, uint64_t place,
                                                   SnapshotStrings& strings) {
  const auto enter = [&] { return strings.name(namer_.edge_name(edge.name, place)); };
  switch (edge.name.kind) {
    case EdgeName::Kind::kEphemeron:
      return strings.name(pair_name(edge, place, strings));
    case EdgeName::Kind::kText: {
      SnapshotStrings::Index& known = field_names_[edge.name.text.data()];
      if (known == 0) known = enter();
      return known;
    }
    case EdgeName::Kind::kIndex: {
      if (edge.name.number >= kKeptNumbers) return enter();
      SnapshotStrings::Index& known = number_names_[edge.name.number];
      if (known == 0) known = enter();
      return known;
    }
    case EdgeName::Kind::kKey: {
      SnapshotStrings::Index& known = key_names_[edge.name.number];
      if (known == 0)
        known = is_plain_symbol(edge.name.number) ? strings.name("<symbol>") : enter();
      return known;
    }
    case EdgeName::Kind::kGetter:
    case EdgeName::Kind::kSetter:
    case EdgeName::Kind::kArgument:
    case EdgeName::Kind::kRoot:
      break;
  }
  return enter();
}

bool HeapSnapshotSource::is_plain_symbol(v8::TaggedWord key) const {
  const v8::Heap& heap = graph_.index().heap();
  return heap.layout().has(v8::Feature::kSnapshotPlainSymbols) &&
         heap.tag_of(v8::untag(key)) == v8::TypeTag::kSymbol;
}

// Readers know a WeakMap's pair by exactly the later words (ExtractEphemeronHashTableReferences).
std::string HeapSnapshotSource::pair_name(const NodeEdge& edge, uint64_t place,
                                          const SnapshotStrings& strings) {
  const std::string key = node_text(edge.key, strings);
  if (graph_.graph().keys_own_values()) return fmt::format("{} / key {} in WeakMap", place, key);
  const std::string value = node_text(edge.target, strings);
  return fmt::format("{} / part of key ({} @{}) -> value ({} @{}) pair in WeakMap (table @{})",
                     place, key, id_of(edge.key), value, id_of(edge.target), id_of(edge.table));
}

std::string HeapSnapshotSource::node_text(NodeId node, const SnapshotStrings& strings) {
  const NodeNamer::Name name = namer_.name(node, strings.limit_units());
  return name.is_contents ? strings.contents_text(name.text) : std::string(name.text);
}

void HeapSnapshotSource::read_locations(SnapshotOrdinal first, uint32_t count,
                                        std::vector<SnapshotLocation>& locations) {
  for (uint32_t i = 0; i < count; ++i) {
    const NodeId node = nodes_[first + i];
    if (!graph_.is_object(node)) continue;
    const v8::NodeType type = graph_.type_of(node);
    if (type != v8::NodeType::kClosure && type != v8::NodeType::kObject) continue;
    const auto& place = places_.of(cursor_.at(node - graph_.first_object()));
    if (!place) continue;
    locations.push_back({.node = first + i,
                         .script_id = place->script_id,
                         .line = place->line,
                         .column = place->column});
  }
}

}  // namespace corewalk
