#include "analysis/root_paths.h"

#include <map>
#include <set>
#include <utility>

namespace corewalk {
namespace {

/// Objects whose holders are looked at, and holders looked at of each. Most ways end after a dozen
/// steps; the limits are for objects that half the heap refers to.
constexpr size_t kMaxExpanded = 4000;
constexpr uint64_t kMaxHolders = 50;

class Search {
 public:
  Search(const ReferenceFinder& finder, std::vector<Holder> starts) : finder_(finder) {
    for (Holder& holder : starts) {
      if (!v8::is_smi(holder.target)) targets_.insert(v8::untag(holder.target));
      nodes_.push_back({.holder = std::move(holder), .start = nodes_.size()});
    }
    start_count_ = nodes_.size();
    reached_.resize(start_count_, kNone);
    ends_.resize(start_count_, PathEnd::kNoRoot);
  }

  RootPaths run(Progress& progress) {
    size_t expanded = 0;
    size_t at = 0;
    for (; at < nodes_.size() && expanded < kMaxExpanded && !progress.interrupted(); ++at) {
      if (expand(at)) ++expanded;
    }
    join_known_ways();
    for (; at < nodes_.size(); ++at) ends_[nodes_[at].start] = PathEnd::kNotSought;
    return paths();
  }

 private:
  static constexpr size_t kNone = PathStep::kNone;

  struct Node {
    Holder holder;
    size_t start = 0;      ///< the holder asked about that this is above
    size_t below = kNone;  ///< node it holds
    size_t same = kNone;   ///< earlier node of the same object
  };

  /// True if the holders of the node's object were looked at.
  bool expand(size_t at) {
    const Node node = nodes_[at];
    if (reached_[node.start] != kNone || node.holder.weak) return false;
    if (node.holder.root) {
      reached_[node.start] = at;
      return false;
    }
    const Address object = v8::untag(node.holder.address.value());
    if (node.below != kNone && targets_.contains(object)) {
      ends_[node.start] = PathEnd::kItself;
      return false;
    }
    const auto [known, fresh] = first_node_.try_emplace(node.holder.address, at);
    if (!fresh) {
      nodes_[at].same = known->second;
      return false;
    }
    if (std::optional<Holder> root = finder_.strong_root_of(object)) {
      reached_[node.start] = nodes_.size();
      nodes_.push_back({.holder = std::move(*root), .start = node.start, .below = at});
      return true;
    }
    for (Holder& holder : finder_.objects_that_hold(object, kMaxHolders)) {
      nodes_.push_back({.holder = std::move(holder), .start = node.start, .below = at});
    }
    return true;
  }

  /// A start whose own search met only objects that another start had come by first takes that
  /// one's way.
  void join_known_ways() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t at = 0; at < nodes_.size(); ++at) {
        const Node& node = nodes_[at];
        if (node.same == kNone || reached_[node.start] != kNone) continue;
        const size_t other = nodes_[node.same].start;
        if (other == node.start || reached_[other] == kNone) continue;
        reached_[node.start] = at;
        changed = true;
      }
    }
  }

  /// Why nothing is above a start.
  [[nodiscard]] PathEnd end_of(size_t start) const {
    const Node& node = nodes_[start];
    if (node.holder.root || node.holder.weak) return PathEnd::kNone;
    return node.same == kNone ? ends_[start] : PathEnd::kShownOnce;
  }

  [[nodiscard]] RootPaths paths() const {
    RootPaths found{.start_count = start_count_};
    for (size_t i = 0; i < start_count_; ++i) found.steps.push_back({.holder = nodes_[i].holder});
    for (size_t i = 0; i < start_count_; ++i) {
      size_t above = kNone;
      for (size_t at = reached_[i]; at != kNone && at != i; at = nodes_[at].below) {
        found.steps.push_back({.holder = nodes_[at].holder, .next = above});
        if (nodes_[at].same != kNone) found.steps.back().end = PathEnd::kShownOnce;
        above = found.steps.size() - 1;
      }
      found.steps[i].next = above;
      if (above == kNone) found.steps[i].end = end_of(i);
    }
    return found;
  }

  const ReferenceFinder& finder_;
  std::set<Address> targets_;
  std::vector<Node> nodes_;
  size_t start_count_ = 0;
  std::vector<size_t> reached_;  ///< of each start: the node at the upper end of its way
  std::vector<PathEnd> ends_;    ///< of each start: what is said if no way was found
  std::map<Address, size_t> first_node_;
};

}  // namespace

RootPaths find_root_paths(const ReferenceFinder& finder, std::vector<Holder> starts,
                          Progress& progress) {
  return Search(finder, std::move(starts)).run(progress);
}

}  // namespace corewalk
