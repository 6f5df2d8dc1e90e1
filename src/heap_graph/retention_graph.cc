#include "heap_graph/retention_graph.h"

#include <utility>

#include "base/failure.h"
#include "graph/depth_first_numbers.h"
#include "graph/page_memory.h"

namespace corewalk {
namespace {

/// The value of a stage, unless the user interrupted it.
template <class T>
T finished(std::optional<T> stage) {
  if (!stage) throw Failure(ExitCode::kPartial, "interrupted");
  return std::move(*stage);
}

}  // namespace

std::unique_ptr<RetentionGraph> RetentionGraph::build(const v8::Heap& heap,
                                                      std::optional<v8::IsolateIndex> isolate,
                                                      GraphRoots roots, Kept kept,
                                                      Progress& progress) {
  const PageMemory::Keep keep;
  std::unique_ptr<RetentionGraph> made(new RetentionGraph);
  made->objects_ = HeapGraph::build(heap, isolate, std::move(roots), progress);
  const ObjectGraph& graph = made->graph();
  made->reachability_ = finished(Reachability::find(graph, progress));
  if (made->objects_->add_late_edges(*made->reachability_)) {
    made->reachability_ = finished(Reachability::find(graph, progress));
  }
  made->shallow_bytes_ = made->objects_->self_sizes();
  if (!move_sizes_to_owners(graph, *made->reachability_, made->shallow_bytes_, progress)) {
    throw Failure(ExitCode::kPartial, "interrupted");
  }
  if (kept == Kept::kSizes) made->objects_->release_types();
  DepthFirstNumbers numbers =
      finished(DepthFirstNumbers::of(graph, *made->reachability_, progress));
  if (kept == Kept::kSizes) made->objects_->release_references();
  made->dominators_ =
      finished(DominatorTree::build(std::move(numbers), made->objects_->node_count(), progress));
  made->retained_bytes_.emplace(*made->dominators_, made->shallow_bytes_);
  return made;
}

const Predecessors& RetentionGraph::predecessors(Progress& progress) {
  if (!predecessors_) {
    predecessors_ = finished(Predecessors::build(graph(), *reachability_, progress));
  }
  return *predecessors_;
}

}  // namespace corewalk
