#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "graph/dominator_tree.h"
#include "graph/predecessors.h"
#include "graph/retained_sizes.h"
#include "graph/shallow_sizes.h"
#include "heap_graph/heap_graph.h"

namespace corewalk {

/// A HeapGraph with all that follows from it: what lives, how far from a root it is, what would go
/// with what, and how many bytes that is.
class RetentionGraph {
 public:
  /// What is there in the end. Who asks for sizes and distances alone needs no references, and no
  /// types of nodes: that is a sixth less memory at the peak.
  enum class Kept : uint8_t { kAll, kSizes };

  /// Throws Failure(kPartial) if the user interrupted.
  [[nodiscard]] static std::unique_ptr<RetentionGraph> build(
      const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate, GraphRoots roots, Kept kept,
      Progress& progress);

  [[nodiscard]] const HeapGraph& objects() const { return *objects_; }
  /// Only if all was kept.
  [[nodiscard]] const ObjectGraph& graph() const { return objects_->graph(); }
  [[nodiscard]] const Reachability& reachability() const { return *reachability_; }
  [[nodiscard]] const DominatorTree& dominators() const { return *dominators_; }
  [[nodiscard]] bool live(NodeId node) const { return reachability_->live(node); }

  /// Bytes of each node, where those of backing stores count for the one object that holds them.
  [[nodiscard]] const SizeTable& shallow_bytes() const { return shallow_bytes_; }
  [[nodiscard]] uint64_t retained_bytes(NodeId node) const { return (*retained_bytes_)[node]; }
  [[nodiscard]] const RetainedSizes& retained() const { return *retained_bytes_; }

  /// Who holds what, made on first need; only if all was kept.
  [[nodiscard]] const Predecessors& predecessors(Progress& progress);

 private:
  RetentionGraph() = default;

  std::unique_ptr<HeapGraph> objects_;
  std::optional<Reachability> reachability_;
  std::optional<DominatorTree> dominators_;
  SizeTable shallow_bytes_;
  std::optional<RetainedSizes> retained_bytes_;
  std::optional<Predecessors> predecessors_;
};

}  // namespace corewalk
