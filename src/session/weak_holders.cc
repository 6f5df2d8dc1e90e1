#include "session/weak_holders.h"

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "heap_graph/edge_lister.h"

namespace corewalk {
namespace {

constexpr size_t kNodesPerTask = 1 << 14;

/// What one thread finds.
struct Search {
  explicit Search(const HeapGraph& graph) : lister(graph) {}
  EdgeLister lister;
  std::vector<WeakHolders::Reference> found;
};

}  // namespace

std::optional<WeakHolders> WeakHolders::find(const RetentionGraph& graph, Progress& progress) {
  const size_t count = graph.graph().node_count();
  tbb::enumerable_thread_specific<Search> searches([&] { return Search(graph.objects()); });
  progress.begin("reading weak references", count);
  tbb::parallel_for(tbb::blocked_range<size_t>(0, count, kNodesPerTask),
                    [&](const tbb::blocked_range<size_t>& range) {
                      Search& search = searches.local();
                      if (progress.interrupted()) return;
                      for (size_t i = range.begin(); i < range.end(); ++i) {
                        const auto node = static_cast<NodeId>(i);
                        if (!graph.live(node)) continue;
                        for (const NodeEdge& edge : search.lister.edges(node)) {
                          if (edge.type != EdgeKind::kWeak) continue;
                          search.found.push_back({.held = edge.target, .holder = node});
                        }
                      }
                      progress.advance(range.size());
                    });
  progress.end();
  if (progress.interrupted()) return {};
  WeakHolders holders;
  for (const Search& search : searches) {
    holders.references_.insert(holders.references_.end(), search.found.begin(), search.found.end());
  }
  auto& all = holders.references_;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return holders;
}

std::span<const WeakHolders::Reference> WeakHolders::of(NodeId held) const {
  const auto [first, last] =
      std::equal_range(references_.begin(), references_.end(), Reference{.held = held},
                       [](const Reference& a, const Reference& b) { return a.held < b.held; });
  return {first, last};
}

}  // namespace corewalk
