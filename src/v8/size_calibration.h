#pragma once

#include <string>
#include <vector>

#include "v8/heap.h"
#include "v8/layout.h"

namespace corewalk::v8 {

/// Decides, for each type with an `alternative` size rule, which rule this process goes by: a few
/// pages are walked with each, and the one that leaves fewer bytes unexplained is put into
/// `layout`. Returns one sentence for each alternative taken. Costs nothing if a layout offers
/// none.
[[nodiscard]] std::vector<std::string> calibrate_sizes(Layout& layout, const Heap& heap);

}  // namespace corewalk::v8
