#pragma once

#include <string>
#include <vector>

#include "v8/heap.h"

namespace corewalk::v8 {

/// One test of whether a layout fits a process.
struct LayoutCheck {
  std::string name;
  bool passed = false;
  std::string detail;
};

/// Tests that cost next to nothing and that a wrong layout fails: every isolate confirmed, its root
/// maps describe the types they are named after, its oddballs and names read back as themselves.
[[nodiscard]] std::vector<LayoutCheck> check_layout(const Heap& heap);

[[nodiscard]] bool all_passed(const std::vector<LayoutCheck>& checks);

/// "root maps: 3 of 15 ...; root strings: ...": the failures, for a message of one line.
[[nodiscard]] std::string describe_failures(const std::vector<LayoutCheck>& checks);

}  // namespace corewalk::v8
