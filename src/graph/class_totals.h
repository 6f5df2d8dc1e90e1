#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "graph/dominator_tree.h"
#include "graph/reachability.h"
#include "graph/retained_sizes.h"
#include "graph/size_table.h"

namespace corewalk {

/// What the live nodes of one class are together, as in the Summary of Chrome DevTools: a node
/// whose size went to its owner is not counted.
struct ClassTotals {
  uint64_t count = 0;
  uint64_t shallow_bytes = 0;
  uint64_t retained_bytes = 0;  ///< what a node retains within another of its class counts once
  uint32_t distance = std::numeric_limits<uint32_t>::max();  ///< the least of a node
};

/// Totals of each class below `class_count`. `class_of` has the class of each node, or kNoClass for
/// one that does not count.
inline constexpr uint32_t kNoClass = std::numeric_limits<uint32_t>::max();
[[nodiscard]] std::vector<ClassTotals> sum_classes(
    const DominatorTree& tree, const Reachability& reachability, const SizeTable& sizes,
    const RetainedSizes& retained, std::span<const uint32_t> class_of, uint32_t class_count);

}  // namespace corewalk
