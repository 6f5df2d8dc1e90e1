#include "graph/merged_paths.h"

#include <cstddef>
#include <map>
#include <unordered_map>
#include <utility>

namespace corewalk {

/// Remembers the place of each node that it came by, so that ways that meet are gone once.
class MergedPaths::Merger {
 public:
  Merger(const PathGraph& graph, const SizeTable& sizes, const StepKey& key)
      : graph_(graph), sizes_(sizes), key_(key) {
    result_.places_.push_back({kTop, 0, kNoNode, kNoNode});
  }

  void add(NodeId node) {
    if (graph_.reachability.distance(node) == Reachability::kNoDistance) {
      ++result_.without_path_;
      return;
    }
    Place& place = result_.places_[place_of(node)];
    ++place.ending;
    place.bytes += sizes_[node];
  }

  MergedPaths finish() {
    auto& places = result_.places_;
    for (Place& place : places) place.count = place.ending;
    for (size_t i = places.size(); --i > 0;) {
      places[places[i].above].count += places[i].count;
      places[places[i].above].bytes += places[i].bytes;
    }
    return std::move(result_);
  }

 private:
  uint32_t place_of(NodeId node) {
    way_.clear();
    uint32_t place = kTop;
    for (; node != kNoNode; node = graph_.nearest_holder(node)) {
      if (const auto known = known_.find(node); known != known_.end()) {
        place = known->second;
        break;
      }
      way_.push_back(node);
    }
    while (!way_.empty()) {
      const NodeId held = way_.back();
      way_.pop_back();
      place = place_below(place, std::exchange(node, held), held);
      known_.emplace(held, place);
    }
    return place;
  }

  uint32_t place_below(uint32_t above, NodeId holder, NodeId held) {
    const uint64_t key = key_(holder, held);
    const auto next = static_cast<uint32_t>(result_.places_.size());
    const auto [place, is_new] = below_.emplace(std::pair(above, key), next);
    if (is_new) result_.places_.push_back({above, key, holder, held});
    return place->second;
  }

  const PathGraph& graph_;
  const SizeTable& sizes_;
  const StepKey& key_;
  std::vector<NodeId> way_;
  std::unordered_map<NodeId, uint32_t> known_;
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> below_;
  MergedPaths result_;
};

std::optional<MergedPaths> MergedPaths::merge(const PathGraph& graph, std::span<const NodeId> nodes,
                                              const SizeTable& sizes, const StepKey& key,
                                              Progress& progress) {
  constexpr size_t kNodesPerPoll = 4096;
  progress.begin("paths", nodes.size());
  Merger merger(graph, sizes, key);
  bool whole = true;
  for (size_t i = 0; i < nodes.size() && whole; ++i) {
    merger.add(nodes[i]);
    if (i % kNodesPerPoll == kNodesPerPoll - 1) {
      progress.advance(kNodesPerPoll);
      whole = !progress.interrupted();
    }
  }
  progress.end();
  if (!whole) return std::nullopt;
  return merger.finish();
}

}  // namespace corewalk
