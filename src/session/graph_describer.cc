#include "session/graph_describer.h"

#include <fmt/format.h>

#include <algorithm>

#include "v8/instance_type.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

/// Strings are quoted up to this length.
constexpr uint64_t kShownUnits = 40;

/// How much an edge of a kind says, the most first.
int rank_of(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kProperty:
      return 0;
    case EdgeKind::kElement:
      return 1;
    case EdgeKind::kContext:
      return 2;
    case EdgeKind::kInternal:
      return 3;
    case EdgeKind::kShortcut:
      return 4;
    case EdgeKind::kHidden:
      return 5;
    case EdgeKind::kWeak:
      return 6;
  }
  return 6;
}

}  // namespace

GraphDescriber::GraphDescriber(const RetentionGraph& graph, const RootOwners& owners)
    : graph_(graph), owners_(owners), lister_(graph.objects()), namer_(graph.objects()) {}

std::string GraphDescriber::class_name(NodeId node) {
  const NodeNamer::Name name = namer_.name(node, kShownUnits);
  if (name.is_contents) return "(string)";
  return name.text.empty() ? kind_name(node) : std::string(name.text);
}

std::string GraphDescriber::kind_name(NodeId node) const {
  const HeapGraph& objects = graph_.objects();
  if (!objects.is_object(node)) return {};
  if (objects.type_of(node) == v8::NodeType::kClosure) return "(anonymous)";
  const v8::Heap& heap = objects.index().heap();
  const auto type = heap.instance_type(objects.address_of(node));
  return type ? "system / " + v8::class_name_for_type(heap.layout().type(*type).name) : "";
}

GraphObject GraphDescriber::object(NodeId node) {
  const HeapGraph& objects = graph_.objects();
  GraphObject object;
  const NodeNamer::Name name = namer_.name(node, kShownUnits);
  object.name = name.text;
  if (name.is_contents) object.name = fmt::format("\"{}\"", name.text);
  if (object.name.empty()) object.name = kind_name(node);
  const bool is_function =
      objects.type_of(node) == v8::NodeType::kClosure && object.name != "native_bind";
  if (is_function) object.name += "()";
  if (node == kRootNode) object.name = "(root)";
  object.is_root = node < objects.first_object();
  if (objects.is_object(node)) object.address = Address(v8::tag(objects.address_of(node)));
  object.shallow_bytes = graph_.shallow_bytes()[node];
  object.retained_bytes = graph_.retained_bytes(node);
  const uint32_t distance = graph_.reachability().distance(node);
  if (distance < Reachability::kSystemDistance) object.distance = distance;
  return object;
}

GraphObject GraphDescriber::holder(NodeId node, NodeId held) {
  GraphObject object = this->object(node);
  if (!object.is_root) return object;
  for (const RootEdge& edge : graph_.objects().root_edges(node)) {
    if (edge.target != held || edge.root == nullptr) continue;
    object.owner = owners_.owner(*edge.root);
    if (!object.owner.empty()) break;
  }
  return object;
}

std::vector<EdgeLabel> GraphDescriber::edges_between(NodeId holder, NodeId held) {
  std::vector<EdgeLabel> labels;
  uint64_t place = 0;
  for (const NodeEdge& edge : lister_.edges(holder)) {
    ++place;
    if (edge.target == held) labels.push_back(label(edge, place));
  }
  std::stable_sort(labels.begin(), labels.end(), [](const EdgeLabel& a, const EdgeLabel& b) {
    return rank_of(a.kind) < rank_of(b.kind);
  });
  return labels;
}

EdgeLabel GraphDescriber::label(const NodeEdge& edge, uint64_t place) {
  const EdgeKind kind = edge.type;
  if (edge.name.kind == EdgeName::Kind::kEphemeron) return {kind, pair_label(edge)};
  return {kind, std::string(namer_.edge_name(edge.name, place))};
}

/// What a value of a WeakMap is held by: the words of V8's snapshot, without the ids.
std::string GraphDescriber::pair_label(const NodeEdge& edge) {
  const std::string key = object(edge.key).name;
  return fmt::format("part of key ({}) -> value ({}) pair in WeakMap", key,
                     object(edge.target).name);
}

}  // namespace corewalk
