#include "graph/class_totals.h"

#include <algorithm>

#include "graph/prefetch.h"

namespace corewalk {

std::vector<ClassTotals> sum_classes(const DominatorTree& tree, const Reachability& reachability,
                                     const SizeTable& sizes, const RetainedSizes& retained,
                                     std::span<const uint32_t> class_of, uint32_t class_count) {
  std::vector<ClassTotals> totals(class_count);
  // Where ends what the last topmost node of each class dominates. In preorder, a node before that
  // is below it.
  std::vector<uint32_t> ends(class_count, 0);
  const auto size = static_cast<uint32_t>(tree.size());
  for (uint32_t position = 0; position < size; ++position) {
    if (position + kReadAhead < size) {
      const NodeId ahead = tree.node_at(position + kReadAhead);
      sizes.read_ahead(ahead);
      reachability.read_ahead(ahead);
      prefetch(class_of.data() + ahead);
    }
    const NodeId node = tree.node_at(position);
    const uint64_t bytes = sizes[node];
    const uint32_t node_class = class_of[node];
    if (bytes == 0 || node_class == kNoClass) continue;
    ClassTotals& total = totals[node_class];
    ++total.count;
    total.shallow_bytes += bytes;
    total.distance = std::min(total.distance, reachability.distance(node));
    if (position >= ends[node_class]) {
      total.retained_bytes += retained.at(position);
      ends[node_class] = tree.end_of(position);
    }
  }
  return totals;
}

}  // namespace corewalk
