#include "support/graphed_heap.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "support/catch.h"
#include "v8/tagged.h"

namespace corewalk::test {
namespace {

// In the order of EdgeKind.
constexpr std::array<std::string_view, 7> kTypes = {"context", "element",  "property", "internal",
                                                    "hidden",  "shortcut", "weak"};
constexpr uint64_t kShownUnits = 40;

GraphRoots roots_of(const std::vector<Address>& held) {
  GraphRoots roots;
  for (const Address object : held) roots.gc_roots.push_back(root_of(object));
  return roots;
}

}  // namespace

v8::GcRoot root_of(Address object) {
  return {.category = v8::RootCategory::kGlobalHandles, .word = v8::tag(object)};
}

GraphedHeap::GraphedHeap(HeapBuilder& builder, const std::vector<Address>& held,
                         std::optional<v8::IsolateIndex> isolate)
    : GraphedHeap(builder, roots_of(held), isolate) {}

GraphedHeap::GraphedHeap(HeapBuilder& builder, GraphRoots roots,
                         std::optional<v8::IsolateIndex> isolate)
    : heap_(builder) {
  NoProgress progress;
  graph_ = RetentionGraph::build(*heap_, isolate, std::move(roots), RetentionGraph::Kept::kAll,
                                 progress);
  lister_.emplace(graph_->objects());
  namer_.emplace(graph_->objects());
}

NodeId GraphedHeap::node(Address object) const {
  const NodeId node = objects().node_of(object);
  REQUIRE(node != kNoNode);
  return node;
}

std::string GraphedHeap::name(Address object) {
  return std::string(namer_->name(node(object), kShownUnits).text);
}

std::vector<std::string> GraphedHeap::labels(Address holder, Address held) {
  std::vector<std::string> labels;
  const NodeId target = node(held);
  uint64_t place = 0;
  for (const NodeEdge& edge : lister_->edges(node(holder))) {
    ++place;
    if (edge.target != target) continue;
    std::string label(kTypes.at(static_cast<size_t>(edge.type)));
    label += ' ';
    label += edge.name.kind == EdgeName::Kind::kEphemeron
                 ? (edge.from_table ? "pair of table" : "pair of key")
                 : namer_->edge_name(edge.name, place);
    labels.push_back(std::move(label));
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

std::vector<NodeId> GraphedHeap::successors(NodeId node) const {
  const auto plain = graph_->graph().successors(node);
  std::vector<NodeId> all(plain.begin(), plain.end());
  for (const SpecialEdge& edge : graph_->graph().special_edges(node)) all.push_back(edge.to);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace corewalk::test
