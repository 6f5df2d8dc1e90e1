#include "session/retention_answers.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "base/failure.h"
#include "heap_graph/class_census.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

/// Edges of an object with more than so many are not told apart where many paths are merged: what
/// has that many holds its elements or entries.
constexpr size_t kDistinctEdges = 64;

/// True if an edge is known by a number: many of them say the same of what they lead to.
bool is_numbered(const EdgeLabel& edge) {
  return edge.kind == EdgeKind::kElement || edge.kind == EdgeKind::kHidden ||
         edge.name.find_first_not_of("0123456789") == std::string::npos;
}

/// How far the words for a step look ahead.
constexpr size_t kHopsAhead = 16;

/// Children of a node of which the commonest class is looked for.
constexpr size_t kMostNamed = 1 << 20;

}  // namespace

RetentionAnswers::RetentionAnswers(std::unique_ptr<RetentionGraph> graph, const ValueReader& values,
                                   RootOwners owners, std::string folder)
    : graph_(std::move(graph)),
      values_(values),
      owners_(std::move(owners)),
      folder_(std::move(folder)),
      describer_(*graph_, owners_) {}

std::optional<NodeId> RetentionAnswers::node_at(uint64_t word) const {
  const NodeId node = graph_->objects().node_of(v8::untag(word));
  return node == kNoNode ? std::nullopt : std::optional(node);
}

Retention RetentionAnswers::retention(NodeId node) const {
  Retention answer{.is_live = graph_->live(node), .retained_bytes = graph_->retained_bytes(node)};
  const uint32_t distance = graph_->reachability().distance(node);
  if (distance < Reachability::kSystemDistance) answer.distance = distance;
  return answer;
}

PathGraph RetentionAnswers::path_graph(Progress& progress) {
  return {graph_->graph(), graph_->reachability(), graph_->predecessors(progress)};
}

/// Each once, the nearest to a root first.
std::vector<NodeId> RetentionAnswers::holders_of(NodeId node, bool weak, Progress& progress) {
  const auto all = graph_->predecessors(progress).of(node);
  std::vector<NodeId> holders(all.begin(), all.end());
  if (weak) {
    if (!weak_holders_) weak_holders_ = WeakHolders::find(*graph_, progress);
    if (!weak_holders_) throw Failure(ExitCode::kPartial, "interrupted");
    for (const auto& reference : weak_holders_->of(node)) holders.push_back(reference.holder);
  }
  std::sort(holders.begin(), holders.end());
  holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
  std::erase(holders, node);
  const Reachability& reachability = graph_->reachability();
  std::stable_sort(holders.begin(), holders.end(), [&](NodeId a, NodeId b) {
    return reachability.distance(a) < reachability.distance(b);
  });
  return holders;
}

RetainerTree RetentionAnswers::retainers(NodeId node, const RetainerQuery& query,
                                         Progress& progress) {
  RetainerTree tree{.object = describer_.object(node), .is_live = graph_->live(node)};
  struct Level {
    NodeId held = kNoNode;
    std::vector<NodeId> holders;  ///< the last is the next
    size_t row = 0;               ///< of what is held, plus 1; 0: the object itself
  };
  std::vector<Level> levels;
  std::set<NodeId> seen{node};
  const auto descend = [&](NodeId held, size_t row) {
    Level level{.held = held, .holders = holders_of(held, query.weak, progress), .row = row};
    if (query.limit != 0 && level.holders.size() > query.limit) {
      (row == 0 ? tree.hidden : tree.rows[row - 1].hidden) = level.holders.size() - query.limit;
      level.holders.resize(query.limit);
    }
    std::reverse(level.holders.begin(), level.holders.end());
    levels.push_back(std::move(level));
  };
  descend(node, 0);
  while (!levels.empty() && !progress.interrupted()) {
    if (levels.back().holders.empty()) {
      levels.pop_back();
      continue;
    }
    const NodeId held = levels.back().held;
    const NodeId holder = levels.back().holders.back();
    levels.back().holders.pop_back();
    std::vector<EdgeLabel> edges = describer_.edges_between(holder, held);
    RetainerRow row{.depth = levels.size(),
                    .edge = edges.empty() ? EdgeLabel{} : std::move(edges.front()),
                    .holder = describer_.holder(holder, held),
                    .seen = !seen.insert(holder).second};
    const bool goes_on = !row.seen && !row.holder.is_root && levels.size() < query.depth;
    tree.rows.push_back(std::move(row));
    if (goes_on) descend(holder, tree.rows.size());
  }
  tree.extent.interrupted = progress.interrupted();
  return tree;
}

std::vector<PathWords> RetentionAnswers::words_of(const std::vector<PathHop>& hops,
                                                  bool merged) const {
  std::vector<PathLink> links;
  for (const PathHop& hop : hops) {
    // Every way begins at these two: they are not worth telling.
    const bool is_top =
        hop.object.is_root && (hop.object.name == "(root)" || hop.object.name == "(GC roots)");
    std::string name = is_top ? "" : hop.object.name;
    if (!hop.object.owner.empty()) name += " of " + hop.object.owner;
    links.push_back({.object = hop.object.address, .name = std::move(name), .edge = hop.edge});
  }
  return path_words(values_, links, {.folder = folder_, .merged = merged});
}

std::vector<PathHop> RetentionAnswers::hops_of(const NodePath& path) {
  std::vector<PathHop> hops;
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    if (*node == kRootNode || *node == HeapGraph::kGcRoots) continue;
    PathHop hop;
    if (std::next(node) == path.rend()) {
      hop.object = describer_.object(*node);
    } else {
      const NodeId held = *std::next(node);
      hop.object = describer_.holder(*node, held);
      std::vector<EdgeLabel> edges = describer_.edges_between(*node, held);
      if (!edges.empty()) hop.edge = std::move(edges.front());
    }
    hops.push_back(std::move(hop));
  }
  const std::vector<PathWords> words = words_of(hops, false);
  for (size_t i = 0; i < hops.size(); ++i) {
    hops[i].words = words[i].words;
    hops[i].edge_words = words[i].edge_words;
  }
  return hops;
}

RetainingPaths RetentionAnswers::paths(NodeId node, uint64_t limit, Progress& progress) {
  RetainingPaths answer{.object = describer_.object(node), .is_live = graph_->live(node)};
  if (!answer.is_live) return answer;
  std::vector<NodePath> found =
      find_shortest_paths(path_graph(progress), node, limit + 1, progress);
  answer.more = found.size() > limit;
  if (answer.more) found.resize(limit);
  for (const NodePath& path : found) answer.paths.push_back(hops_of(path));
  answer.extent.interrupted = progress.interrupted();
  return answer;
}

ClassPaths RetentionAnswers::class_paths(const ClassPathQuery& query, Progress& progress) {
  ClassPaths answer;
  const std::vector<NodeId> nodes =
      nodes_of_class(*graph_, query.name, query.isolate, answer.dead_count, progress);
  answer.live_count = nodes.size();
  SizeTable sizes(graph_->graph().node_count());
  // What one of them retains within another counts for that.
  const DominatorTree& tree = graph_->dominators();
  std::vector<uint32_t> positions;
  for (const NodeId node : nodes) positions.push_back(tree.position_of(node));
  std::sort(positions.begin(), positions.end());
  uint32_t covered = 0;
  for (const uint32_t position : positions) {
    if (position < covered) continue;
    covered = tree.end_of(position);
    sizes.set(tree.node_at(position), graph_->retained().at(position));
    answer.retained_bytes += graph_->retained().at(position);
  }
  const ObjectGraph& graph = graph_->graph();
  const auto has_many = [&](NodeId holder) {
    return graph.successors(holder).size() > kDistinctEdges;
  };
  const auto step_key = [&](NodeId holder, NodeId held) {
    std::string key = describer_.class_name(held);
    if (holder != kNoNode && !has_many(holder)) {
      const std::vector<EdgeLabel> edges = describer_.edges_between(holder, held);
      if (!edges.empty() && !is_numbered(edges.front())) {
        key += '\0' + edges.front().name;
      }
    }
    return std::hash<std::string>()(key);
  };
  const auto merged = MergedPaths::merge(path_graph(progress), nodes, sizes, step_key, progress);
  if (!merged) throw Failure(ExitCode::kPartial, "interrupted");
  append_class_rows(*merged, query, answer);
  return answer;
}

void RetentionAnswers::append_class_rows(const MergedPaths& merged, const ClassPathQuery& query,
                                         ClassPaths& answer) {
  const auto& places = merged.places();
  std::vector<std::vector<uint32_t>> below(places.size());
  for (uint32_t i = 1; i < places.size(); ++i) below[places[i].above].push_back(i);
  const uint64_t least =
      query.least_share == 0 ? 0 : (answer.live_count + query.least_share - 1) / query.least_share;
  struct Open {
    uint32_t place = 0;
    size_t depth = 0;
  };
  std::vector<Open> pending;
  const auto open = [&](uint32_t place, size_t depth) -> uint64_t {
    std::vector<uint32_t>& branches = below[place];
    std::stable_sort(branches.begin(), branches.end(),
                     [&](uint32_t a, uint32_t b) { return places[a].count > places[b].count; });
    size_t shown = 0;
    while (shown < branches.size() && places[branches[shown]].count >= least &&
           (query.limit == 0 || shown < query.limit)) {
      ++shown;
    }
    if (query.depth != 0 && depth >= query.depth) shown = 0;
    for (size_t i = shown; i > 0; --i) pending.push_back({branches[i - 1], depth});
    return branches.size() - shown;
  };
  answer.hidden = open(MergedPaths::kTop, 0);
  std::vector<PathHop> hops;  // from the root to the row at hand
  while (!pending.empty()) {
    const Open next = pending.back();
    pending.pop_back();
    hops.resize(next.depth);
    append_hop(places[next.place], hops);
    ClassPathRow row{.depth = next.depth,
                     .object = hops.back().object,
                     .count = places[next.place].count,
                     .retained_bytes = places[next.place].bytes};
    row.hidden = open(next.place, next.depth + 1);
    // What a step is called depends on what it leads to: of several ways on, the first.
    std::vector<PathHop> whole = hops;
    uint32_t place = next.place;
    for (size_t i = 0; i < kHopsAhead && !below[place].empty(); ++i) {
      place = below[place].front();
      append_hop(places[place], whole);
    }
    const std::vector<PathWords> words = words_of(whole, true);
    row.words = words[next.depth].words;
    if (next.depth != 0) {
      row.edge = hops[next.depth - 1].edge;
      row.edge_words = words[next.depth - 1].edge_words;
    }
    answer.rows.push_back(std::move(row));
  }
}

void RetentionAnswers::append_hop(const MergedPaths::Place& place, std::vector<PathHop>& hops) {
  if (!hops.empty() && place.holder != kNoNode) {
    std::vector<EdgeLabel> edges = describer_.edges_between(place.holder, place.held);
    if (!edges.empty()) hops.back().edge = std::move(edges.front());
  }
  hops.push_back({.object = describer_.object(place.held)});
}

DominatorRest RetentionAnswers::rest_of(std::span<const NodeId> nodes) {
  DominatorRest rest{.count = nodes.size()};
  std::map<std::string, uint64_t> classes;
  for (const NodeId node : nodes) rest.retained_bytes += graph_->retained_bytes(node);
  for (const NodeId node : nodes.first(std::min(nodes.size(), kMostNamed))) {
    ++classes[describer_.class_name(node)];
  }
  for (const auto& [name, count] : classes) {
    if (count <= rest.commonest_count) continue;
    rest.commonest = name;
    rest.commonest_count = count;
  }
  return rest;
}

DominatorRows RetentionAnswers::dominators(NodeId node, const DominatorQuery& query,
                                           Progress& progress) {
  DominatorRows answer{.is_live = graph_->live(node),
                       .total_bytes = graph_->retained_bytes(kRootNode)};
  if (!answer.is_live) {
    answer.rows.push_back({.object = describer_.object(node)});
    return answer;
  }
  constexpr uint64_t kUsualShare = 100;
  const uint64_t least =
      query.min_bytes != 0 ? query.min_bytes : graph_->retained_bytes(node) / kUsualShare;
  struct Open {
    NodeId node = kNoNode;
    size_t depth = 0;
  };
  std::vector<Open> pending{{node, 0}};
  while (!pending.empty() && !progress.interrupted()) {
    const Open next = pending.back();
    pending.pop_back();
    DominatorRow row{.depth = next.depth, .object = describer_.object(next.node)};
    std::vector<NodeId> children;
    for (const NodeId child : graph_->dominators().children(next.node)) children.push_back(child);
    std::stable_sort(children.begin(), children.end(), [&](NodeId a, NodeId b) {
      return graph_->retained_bytes(a) > graph_->retained_bytes(b);
    });
    size_t shown = 0;
    if (next.depth < query.depth) {
      while (shown < children.size() && (query.limit == 0 || shown < query.limit) &&
             graph_->retained_bytes(children[shown]) >= least) {
        ++shown;
      }
    }
    row.rest = rest_of(std::span<const NodeId>(children).subspan(shown));
    answer.rows.push_back(std::move(row));
    for (size_t i = shown; i > 0; --i) pending.push_back({children[i - 1], next.depth + 1});
  }
  answer.extent.interrupted = progress.interrupted();
  return answer;
}

}  // namespace corewalk
