#include "session/heap_snapshot.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/failure.h"
#include "graph/dominator_tree.h"
#include "graph/page_memory.h"
#include "graph/retained_sizes.h"
#include "session/heap_snapshot_source.h"
#include "session/snapshot_form.h"
#include "session/snapshot_pages.h"

namespace corewalk {
namespace {

void stop_if_interrupted(const Progress& progress) {
  if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
}

/// What the pruner asks for, by place in the file.
struct PruneArrays {
  std::vector<SnapshotOrdinal> idom;
  std::vector<uint64_t> retained_bytes;
  std::vector<uint64_t> self_bytes;
  std::vector<uint8_t> groups;
  std::vector<SnapshotOrdinal> always_kept;
};

PruneArrays prune_arrays(const HeapGraph& graph, const Reachability& reachability,
                         const HeapSnapshotSource& source, Progress& progress) {
  const auto tree = DominatorTree::build(graph.graph(), reachability, progress);
  if (!tree) throw Failure(ExitCode::kPartial, "interrupted");
  const SizeTable sizes = graph.self_sizes();
  const RetainedSizes retained(*tree, sizes);
  PruneArrays arrays;
  for (const NodeId node : source.nodes()) {
    const NodeId dominator = tree->dominator(node);
    arrays.idom.push_back(dominator == kNoNode ? 0 : source.ordinal_of(dominator));
    arrays.retained_bytes.push_back(retained[node]);
    arrays.self_bytes.push_back(sizes[node]);
    arrays.groups.push_back(reachability.user_owned(node) ? 1 : 0);
    if (node < graph.first_object()) arrays.always_kept.push_back(source.ordinal_of(node));
  }
  for (const NodeId root : graph.graph().user_roots()) {
    arrays.always_kept.push_back(source.ordinal_of(root));
  }
  return arrays;
}

}  // namespace

SnapshotSummary write_heap_snapshot(const v8::Heap& heap, GraphRoots roots,
                                    v8::IsolateIndex isolate, const SnapshotOptions& options,
                                    Progress& progress) {
  const PageMemory::Keep keep;
  std::erase_if(roots.gc_roots, [&](const v8::GcRoot& root) { return root.isolate != isolate; });
  const auto graph = HeapGraph::build(heap, isolate, std::move(roots), progress);
  auto reachability = Reachability::find(graph->graph(), progress);
  stop_if_interrupted(progress);
  (void)graph->add_late_edges(*reachability);  // distances do not matter here
  HeapSnapshotSource source(*graph, *reachability, SnapshotIds(snapshot_pages(heap)), progress);
  stop_if_interrupted(progress);
  SnapshotSummary summary;
  summary.isolate = isolate;
  summary.coverage = graph->index().coverage();
  for (const NodeId node : source.nodes()) summary.live_bytes += graph->self_bytes(node);
  PruneArrays arrays;
  std::optional<PruneRequest> prune;
  if (options.prune_bytes != 0) {
    arrays = prune_arrays(*graph, *reachability, source, progress);
    prune = PruneRequest{.facts = {.idom = arrays.idom,
                                   .retained_bytes = arrays.retained_bytes,
                                   .self_bytes = arrays.self_bytes,
                                   .groups = arrays.groups,
                                   .always_kept = arrays.always_kept},
                         .threshold_bytes = options.prune_bytes};
  }
  summary.file =
      write_snapshot_file(snapshot_schema(heap.layout()), source, options.file, prune, progress);
  return summary;
}

}  // namespace corewalk
