#include "support/list_snapshot.h"

namespace corewalk::test {

SnapshotCounts ListSource::counts() {
  SnapshotCounts counts{.nodes = static_cast<uint32_t>(snapshot_.nodes.size()),
                        .edges = 0,
                        .extra_native_bytes = snapshot_.extra_native_bytes};
  for (const ListSnapshot::Node& node : snapshot_.nodes) counts.edges += node.edges.size();
  return counts;
}

void ListSource::read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                            SnapshotStrings& strings) {
  for (SnapshotNode& node : nodes) {
    const ListSnapshot::Node& from = snapshot_.nodes.at(first++);
    node = {.type = from.type,
            .detachedness = from.detachedness,
            .name = from.contents ? strings.contents(from.name) : strings.name(from.name),
            .id = from.id,
            .edge_count = static_cast<uint32_t>(from.edges.size()),
            .self_size = from.self_size};
  }
}

void ListSource::read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                            std::vector<SnapshotEdge>& edges) {
  for (uint32_t i = 0; i < count; ++i) {
    for (const ListSnapshot::Edge& edge : snapshot_.nodes.at(first + i).edges) {
      edges.push_back({.type = edge.type,
                       .holds = edge.holds,
                       .name_or_index = has_index(edge.type) ? edge.index : strings.name(edge.name),
                       .to = edge.to});
    }
  }
}

void ListSource::read_locations(SnapshotOrdinal first, uint32_t /*count*/,
                                std::vector<SnapshotLocation>& locations) {
  if (first != 0) return;
  locations.insert(locations.end(), snapshot_.locations.begin(), snapshot_.locations.end());
}

ListSnapshot read_snapshot(SnapshotSource& source) {
  const SnapshotCounts counts = source.counts();
  SnapshotStrings strings{{}};
  ListSnapshot snapshot;
  snapshot.extra_native_bytes = counts.extra_native_bytes;
  std::vector<SnapshotNode> nodes(counts.nodes);
  source.read_nodes(0, nodes, strings);
  std::vector<SnapshotEdge> edges;
  source.read_edges(0, counts.nodes, strings, edges);
  size_t at = 0;
  for (const SnapshotNode& node : nodes) {
    ListSnapshot::Node& to = snapshot.nodes.emplace_back();
    to.type = node.type;
    to.name = strings.at(node.name);
    to.id = node.id;
    to.self_size = node.self_size;
    to.detachedness = node.detachedness;
    for (uint32_t i = 0; i < node.edge_count; ++i) {
      const SnapshotEdge& edge = edges.at(at++);
      const bool by_index = has_index(edge.type);
      to.edges.push_back({.type = edge.type,
                          .name = by_index ? "" : std::string(strings.at(edge.name_or_index)),
                          .index = by_index ? edge.name_or_index : 0,
                          .to = edge.to,
                          .holds = edge.holds});
    }
  }
  source.read_locations(0, counts.nodes, snapshot.locations);
  return snapshot;
}

}  // namespace corewalk::test
