#include "graph/object_graph.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "base/failure.h"

namespace corewalk {
namespace {

void require(bool condition, const char* what) {
  if (!condition) {
    throw Failure(ExitCode::kUnsupported,
                  std::string("the graph of objects does not fit together: ") + what);
  }
}

}  // namespace

ObjectGraph::ObjectGraph(GraphParts parts)
    : parts_(std::move(parts)), node_count_(parts_.flags.size()) {
  check();
  pack_flags();
  sort_extras();
}

/// Whose size may count elsewhere is asked at random: a bit each stays in the cache.
void ObjectGraph::pack_flags() {
  ownable_ = NodeBitmap(node_count_);
  synthetic_ = NodeBitmap(node_count_);
  for (NodeId node = 0; node < node_count_; ++node) {
    if ((parts_.flags[node] & kOwnable) != 0) ownable_.set(node);
    if ((parts_.flags[node] & kSynthetic) != 0) synthetic_.set(node);
  }
  parts_.flags = {};
}

void ObjectGraph::add_special_edges(const std::vector<SpecialEdge>& edges) {
  for (const SpecialEdge& edge : edges) {
    require(edge.from < node_count() && edge.to < node_count(), "a special edge leads nowhere");
  }
  parts_.special_edges.insert(parts_.special_edges.end(), edges.begin(), edges.end());
  sort_extras();
}

void ObjectGraph::check() const {
  const auto& first = parts_.first_edge;
  const size_t count = node_count();
  require(count > 0 && count < kNoNode, "number of nodes");
  require(first.size() == count + 1 && first[0] == 0 && first[count] == parts_.targets.size(),
          "number of edges");
  require(parts_.targets.size() + parts_.special_edges.size() + parts_.ephemerons.size() <
              std::numeric_limits<uint32_t>::max(),
          "too many edges");
  require(std::is_sorted(first.begin(), first.end()), "order of edges");
  // One answer for all, not one for each edge: so the compiler can take many at a time.
  NodeId highest = 0;
  for (const NodeId target : parts_.targets) highest = std::max(highest, target);
  require(highest < count, "an edge leads nowhere");
  for (const SpecialEdge& edge : parts_.special_edges) {
    require(edge.from < count && edge.to < count, "a special edge leads nowhere");
  }
  for (const Ephemeron& one : parts_.ephemerons) {
    require(one.table < count && one.key < count && one.value < count,
            "an ephemeron leads nowhere");
  }
  for (const NodeId root : parts_.user_roots) {
    require(root < count && root != kRootNode, "a user root is no node");
  }
}

void ObjectGraph::sort_extras() {
  has_more_ = NodeBitmap(node_count());
  auto& special = parts_.special_edges;
  std::sort(special.begin(), special.end(), [](const SpecialEdge& a, const SpecialEdge& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  });
  auto& ephemerons = parts_.ephemerons;
  std::sort(ephemerons.begin(), ephemerons.end(), [](const Ephemeron& a, const Ephemeron& b) {
    return std::tie(a.key, a.table, a.value) < std::tie(b.key, b.table, b.value);
  });
  by_table_.resize(ephemerons.size());
  std::iota(by_table_.begin(), by_table_.end(), 0U);
  std::sort(by_table_.begin(), by_table_.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(ephemerons[a].table, a) < std::tie(ephemerons[b].table, b);
  });
  for (const SpecialEdge& edge : special) has_more_.set(edge.from);
  for (const Ephemeron& ephemeron : ephemerons) {
    has_more_.set(ephemeron.key);
    has_more_.set(ephemeron.table);
  }
}

std::span<const SpecialEdge> ObjectGraph::special_edges(NodeId node) const {
  const auto& edges = parts_.special_edges;
  const auto first =
      std::lower_bound(edges.begin(), edges.end(), node,
                       [](const SpecialEdge& edge, NodeId from) { return edge.from < from; });
  const auto last =
      std::upper_bound(first, edges.end(), node,
                       [](NodeId from, const SpecialEdge& edge) { return from < edge.from; });
  return {first, last};
}

std::span<const Ephemeron> ObjectGraph::ephemerons_of_key(NodeId key) const {
  const auto& all = parts_.ephemerons;
  const auto first =
      std::lower_bound(all.begin(), all.end(), key,
                       [](const Ephemeron& one, NodeId wanted) { return one.key < wanted; });
  const auto last = std::upper_bound(
      first, all.end(), key, [](NodeId wanted, const Ephemeron& one) { return wanted < one.key; });
  return {first, last};
}

std::span<const uint32_t> ObjectGraph::ephemerons_of_table(NodeId table) const {
  const auto& all = parts_.ephemerons;
  const auto first =
      std::lower_bound(by_table_.begin(), by_table_.end(), table,
                       [&](uint32_t one, NodeId wanted) { return all[one].table < wanted; });
  const auto last =
      std::upper_bound(first, by_table_.end(), table,
                       [&](NodeId wanted, uint32_t one) { return wanted < all[one].table; });
  return {first, last};
}

size_t ObjectGraph::memory_bytes() const {
  return parts_.first_edge.size() * sizeof(uint32_t) + parts_.targets.size() * sizeof(NodeId) +
         parts_.special_edges.size() * sizeof(SpecialEdge) +
         parts_.ephemerons.size() * (sizeof(Ephemeron) + sizeof(uint32_t)) + 3 * node_count() / 8;
}

}  // namespace corewalk
