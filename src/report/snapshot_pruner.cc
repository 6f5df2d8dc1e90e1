#include "report/snapshot_pruner.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <unordered_map>

namespace corewalk {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

/// "12 345".
std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ' ');
  }
  return text;
}

/// What was cut off below one node.
struct Fold {
  SnapshotOrdinal first = 0;  ///< one of its nodes, by its number in the source
  uint64_t objects = 0;
  uint64_t bytes = 0;
};

/// Where each node of the source ends up: as itself, or in a fold.
class Folding {
 public:
  Folding(const PruneFacts& facts, uint64_t threshold_bytes) : place_(facts.idom.size(), kNone) {
    assert(facts.retained_bytes.size() == place_.size());
    assert(facts.self_bytes.size() == place_.size());
    assert(facts.groups.empty() || facts.groups.size() == place_.size());
    keep(facts, threshold_bytes);
    fold(facts);
    fold_of_.clear();
  }

  /// The node of the pruned snapshot that stands for a node of the source.
  [[nodiscard]] SnapshotOrdinal place(SnapshotOrdinal node) const { return place_[node]; }
  [[nodiscard]] bool is_kept(SnapshotOrdinal node) const { return place_[node] < kept_.size(); }
  /// By their numbers in the source.
  [[nodiscard]] const std::vector<SnapshotOrdinal>& kept() const { return kept_; }
  [[nodiscard]] const std::vector<Fold>& folds() const { return folds_; }
  [[nodiscard]] uint32_t source_nodes() const { return static_cast<uint32_t>(place_.size()); }

 private:
  void keep(const PruneFacts& facts, uint64_t threshold_bytes) {
    std::vector<bool> stays(place_.size());
    const auto mark = [&](SnapshotOrdinal node) {
      for (; !stays[node]; node = facts.idom[node]) stays[node] = true;
    };
    if (!stays.empty()) mark(0);
    for (SnapshotOrdinal node : facts.always_kept) mark(node);
    for (SnapshotOrdinal node = 0; node < place_.size(); ++node) {
      if (facts.retained_bytes[node] >= threshold_bytes) mark(node);
    }
    for (SnapshotOrdinal node = 0; node < place_.size(); ++node) {
      if (!stays[node]) continue;
      place_[node] = static_cast<uint32_t>(kept_.size());
      kept_.push_back(node);
    }
  }

  void fold(const PruneFacts& facts) {
    std::vector<SnapshotOrdinal> way;
    for (SnapshotOrdinal node = 0; node < place_.size(); ++node) {
      // Up to what is known already, and down again.
      SnapshotOrdinal at = node;
      for (; place_[at] == kNone; at = facts.idom[at]) way.push_back(at);
      uint32_t place = place_[at];
      for (; !way.empty(); way.pop_back()) {
        if (place < kept_.size()) place = fold_below(facts, at, way.back());
        place_[way.back()] = place;
      }
      if (is_kept(node)) continue;
      Fold& fold = folds_[place_[node] - kept_.size()];
      ++fold.objects;
      fold.bytes += facts.self_bytes[node];
    }
  }

  /// The fold of what the node `parent` dominates, in the group of `child`.
  uint32_t fold_below(const PruneFacts& facts, SnapshotOrdinal parent, SnapshotOrdinal child) {
    const uint64_t group = facts.groups.empty() ? 0 : facts.groups[child];
    const auto next = static_cast<uint32_t>(kept_.size() + folds_.size());
    const auto [found, is_new] = fold_of_.try_emplace(uint64_t{parent} << 8 | group, next);
    if (is_new) folds_.push_back({.first = child});
    return found->second;
  }

  std::vector<uint32_t> place_;
  std::vector<SnapshotOrdinal> kept_;
  std::vector<Fold> folds_;
  std::unordered_map<uint64_t, uint32_t> fold_of_;
};

/// Pairs of a fold and what it holds, each once.
class FoldEdges {
 public:
  void add(uint32_t fold, SnapshotOrdinal to) {
    if (pairs_.size() >= next_cleaning_) clean();
    pairs_.push_back(uint64_t{fold} << 32 | to);
  }

  /// Nothing may be added after it.
  void finish(size_t folds) {
    clean();
    first_.reserve(folds + 1);
    size_t at = 0;
    for (uint64_t fold = 0; fold <= folds; ++fold) {
      while (at < pairs_.size() && pairs_[at] >> 32 < fold) ++at;
      first_.push_back(at);
    }
  }

  [[nodiscard]] size_t size() const { return pairs_.size(); }
  [[nodiscard]] std::span<const uint64_t> of(size_t fold) const {
    return std::span(pairs_).subspan(first_[fold], first_[fold + 1] - first_[fold]);
  }
  [[nodiscard]] static SnapshotOrdinal target(uint64_t pair) {
    return static_cast<SnapshotOrdinal>(pair);
  }

 private:
  void clean() {
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    next_cleaning_ = std::max(kFirstCleaning, pairs_.size() * 2);
  }

  static constexpr size_t kFirstCleaning = size_t{1} << 20;
  std::vector<uint64_t> pairs_;
  std::vector<size_t> first_;
  size_t next_cleaning_ = kFirstCleaning;
};

}  // namespace

class SnapshotPruner::Impl {
 public:
  Impl(SnapshotSource& source, const PruneRequest& request, const SnapshotStrings::Options& strings,
       Progress& progress)
      : source_(source),
        folding_(request.facts, request.threshold_bytes),
        seen_(folding_.folds().size(), kNone),
        own_strings_(strings) {
    count_edges(progress);
  }

  [[nodiscard]] const Folding& folding() const { return folding_; }

  [[nodiscard]] SnapshotCounts counts() const {
    return {.nodes = static_cast<uint32_t>(folding_.kept().size() + folding_.folds().size()),
            .edges = kept_edges_ + fold_edges_.size(),
            .extra_native_bytes = source_.counts().extra_native_bytes};
  }

  [[nodiscard]] SnapshotNode node(SnapshotOrdinal ordinal, SnapshotStrings& strings) {
    SnapshotNode node;
    if (ordinal < folding_.kept().size()) {
      source_.read_nodes(folding_.kept()[ordinal], std::span(&node, 1), own_strings_);
      node.name = outer_index(node.name, strings);
      node.edge_count = edge_counts_[ordinal];
      return node;
    }
    const size_t index = ordinal - folding_.kept().size();
    const Fold& fold = folding_.folds()[index];
    // The id of a node that is gone is free, and leads to it.
    source_.read_nodes(fold.first, std::span(&node, 1), own_strings_);
    return {.type = SnapshotNodeType::kNative,
            .name = strings.name("(folded: " + grouped(fold.objects) +
                                 (fold.objects == 1 ? " object)" : " objects)")),
            .id = node.id,
            .edge_count = static_cast<uint32_t>(fold_edges_.of(index).size()),
            .self_size = fold.bytes};
  }

  void append_edges(SnapshotOrdinal ordinal, SnapshotStrings& strings,
                    std::vector<SnapshotEdge>& edges) {
    if (ordinal < folding_.kept().size()) {
      const size_t begin = edges.size();
      append_kept_edges(ordinal, edges);
      for (size_t i = begin; i < edges.size(); ++i) {
        SnapshotEdge& edge = edges[i];
        if (!has_index(edge.type)) edge.name_or_index = outer_index(edge.name_or_index, strings);
      }
      return;
    }
    for (const uint64_t pair : fold_edges_.of(ordinal - folding_.kept().size())) {
      edges.push_back({.type = SnapshotEdgeType::kInternal,
                       .name_or_index = strings.name("folded"),
                       .to = FoldEdges::target(pair)});
    }
  }

  void append_locations(SnapshotOrdinal ordinal, std::vector<SnapshotLocation>& locations) {
    if (ordinal >= folding_.kept().size()) return;
    const size_t begin = locations.size();
    source_.read_locations(folding_.kept()[ordinal], 1, locations);
    for (size_t i = begin; i < locations.size(); ++i) locations[i].node = ordinal;
  }

 private:
  void count_edges(Progress& progress) {
    constexpr uint32_t kStep = 4096;
    edge_counts_.resize(folding_.kept().size());
    progress.begin("folding small objects", folding_.source_nodes());
    for (SnapshotOrdinal node = 0; node < folding_.source_nodes(); ++node) {
      if (folding_.is_kept(node)) {
        counted_.clear();
        append_kept_edges(folding_.place(node), counted_);
        edge_counts_[folding_.place(node)] = static_cast<uint32_t>(counted_.size());
        kept_edges_ += counted_.size();
      } else {
        add_fold_edges(node);
      }
      if (node % kStep == 0) {
        progress.advance(kStep);
        if (progress.interrupted()) break;
      }
    }
    fold_edges_.finish(folding_.folds().size());
    progress.end();
  }

  void append_kept_edges(SnapshotOrdinal ordinal, std::vector<SnapshotEdge>& edges) {
    const size_t begin = edges.size();
    read_.clear();
    source_.read_edges(folding_.kept()[ordinal], 1, own_strings_, read_);
    for (SnapshotEdge edge : read_) {
      const bool kept = folding_.is_kept(edge.to);
      edge.to = folding_.place(edge.to);
      if (!kept) {
        uint32_t& seen_from = seen_[edge.to - folding_.kept().size()];
        if (!edge.holds || seen_from == ordinal) continue;
        seen_from = ordinal;
      }
      edges.push_back(edge);
    }
    // For the next time this node is read.
    for (size_t i = begin; i < edges.size(); ++i) {
      if (edges[i].to >= folding_.kept().size())
        seen_[edges[i].to - folding_.kept().size()] = kNone;
    }
  }

  /// The string under its number in the file. It is cut and redacted already.
  SnapshotStrings::Index outer_index(SnapshotStrings::Index own, SnapshotStrings& strings) {
    if (own >= outer_.size()) outer_.resize(own_strings_.size());
    if (outer_[own] == 0) outer_[own] = strings.name(own_strings_.at(own));
    return outer_[own];
  }

  void add_fold_edges(SnapshotOrdinal node) {
    read_.clear();
    source_.read_edges(node, 1, own_strings_, read_);
    const SnapshotOrdinal from = folding_.place(node);
    for (const SnapshotEdge& edge : read_) {
      const SnapshotOrdinal to = folding_.place(edge.to);
      if (edge.holds && to != from) {
        fold_edges_.add(from - static_cast<uint32_t>(folding_.kept().size()), to);
      }
    }
  }

  SnapshotSource& source_;
  Folding folding_;
  std::vector<uint32_t> seen_;  ///< by fold: the node whose edge to it was seen last
  std::vector<uint32_t> edge_counts_;
  uint64_t kept_edges_ = 0;
  FoldEdges fold_edges_;
  std::vector<SnapshotEdge> read_;
  std::vector<SnapshotEdge> counted_;
  SnapshotStrings own_strings_;
  std::vector<SnapshotStrings::Index> outer_;  ///< by index in own_strings_; 0: not entered yet
};

SnapshotPruner::SnapshotPruner(SnapshotSource& source, const PruneRequest& request,
                               const SnapshotStrings::Options& strings, Progress& progress)
    : impl_(std::make_unique<Impl>(source, request, strings, progress)) {}

SnapshotPruner::~SnapshotPruner() = default;

uint32_t SnapshotPruner::kept_nodes() const {
  return static_cast<uint32_t>(impl_->folding().kept().size());
}
uint32_t SnapshotPruner::folds() const {
  return static_cast<uint32_t>(impl_->folding().folds().size());
}

uint64_t SnapshotPruner::folded_objects() const {
  return impl_->folding().source_nodes() - kept_nodes();
}

SnapshotCounts SnapshotPruner::counts() { return impl_->counts(); }

void SnapshotPruner::read_nodes(SnapshotOrdinal first, std::span<SnapshotNode> nodes,
                                SnapshotStrings& strings) {
  for (SnapshotNode& node : nodes) node = impl_->node(first++, strings);
}

void SnapshotPruner::read_edges(SnapshotOrdinal first, uint32_t count, SnapshotStrings& strings,
                                std::vector<SnapshotEdge>& edges) {
  for (uint32_t i = 0; i < count; ++i) impl_->append_edges(first + i, strings, edges);
}

void SnapshotPruner::read_locations(SnapshotOrdinal first, uint32_t count,
                                    std::vector<SnapshotLocation>& locations) {
  for (uint32_t i = 0; i < count; ++i) impl_->append_locations(first + i, locations);
}

}  // namespace corewalk
