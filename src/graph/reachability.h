#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/progress.h"
#include "graph/distance_table.h"
#include "graph/node_bitmap.h"
#include "graph/object_graph.h"

namespace corewalk {

/// What is alive, what the program's own globals reach, and how far from them each node is.
///
/// Distances are those that Chrome DevTools shows (chrome-devtools-frontend 1.0.1705227,
/// HeapSnapshot.ts, calculateDistances): 1 for a user root and one more for each edge; then, for
/// what no user root reaches, kSystemDistance for the root and one more for each edge. Without user
/// roots the root has 0. The value of an ephemeron comes one after the farther of key and table.
/// What only guesses lead to has kGuessDistance and more.
class Reachability {
 public:
  static constexpr uint32_t kSystemDistance = 100'000'000;
  static constexpr uint32_t kGuessDistance = 200'000'000;
  static constexpr uint32_t kNoDistance = DistanceTable::kNone;

  /// Nothing if `progress` was interrupted.
  [[nodiscard]] static std::optional<Reachability> find(const ObjectGraph& graph,
                                                        Progress& progress);

  /// Reached from the root; the value of an ephemeron once both key and table are.
  [[nodiscard]] bool live(NodeId node) const { return live_.test(node); }
  [[nodiscard]] const NodeBitmap& live_nodes() const { return live_; }
  [[nodiscard]] size_t live_count() const { return live_count_; }

  /// Reached from a user root; a live ephemeron's value, from either of key and table. ("Page
  /// owned" in DevTools, markPageOwnedNodes.)
  [[nodiscard]] bool user_owned(NodeId node) const { return user_owned_.test(node); }

  /// Live, but only if a guess is right. It does not take part in what others retain.
  [[nodiscard]] bool guessed(NodeId node) const { return guessed_.test(node); }

  /// Live nodes that more than one edge leads to, special edges and ephemerons aside.
  [[nodiscard]] const NodeBitmap& held_again() const { return held_again_; }

  /// kNoDistance for the dead, and for what only edges lead to that are not measured.
  [[nodiscard]] uint32_t distance(NodeId node) const { return distances_[node]; }
  void read_ahead(NodeId node) const { distances_.read_ahead(node); }

 private:
  class Search;
  Reachability() = default;

  NodeBitmap live_;
  NodeBitmap user_owned_;
  NodeBitmap guessed_;
  NodeBitmap held_again_;
  size_t live_count_ = 0;
  DistanceTable distances_;
};

}  // namespace corewalk
