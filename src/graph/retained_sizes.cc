#include "graph/retained_sizes.h"

#include "graph/prefetch.h"

namespace corewalk {

RetainedSizes::RetainedSizes(const DominatorTree& tree, const SizeTable& sizes)
    : tree_(&tree), sums_(tree.size()) {
  // From the last position to the first: what a node dominates comes after it.
  for (auto position = static_cast<uint32_t>(tree.size()); position-- > 0;) {
    if (position >= kReadAhead) sizes.read_ahead(tree.node_at(position - kReadAhead));
    sums_.add(position, sizes[tree.node_at(position)]);
    if (position > 0) sums_.add(tree.dominator_of(position), sums_[position]);
  }
}

}  // namespace corewalk
