#pragma once

#include "support/catch.h"
#include "support/heap_builder.h"

namespace corewalk::test {

/// Runs the rest of the test case once for every built-in layout.
inline const v8::Layout& each_layout() {
  const size_t index = GENERATE(range(size_t{0}, all_layouts().size()));
  UNSCOPED_INFO("layout " << all_layouts()[index]->version);
  return *all_layouts()[index];
}

}  // namespace corewalk::test
