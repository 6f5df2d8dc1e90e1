#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "v8/layout.h"

namespace corewalk {

/// Which lines of the script that a function is written in.
struct SourceQuery {
  v8::TaggedWord function = 0;
  std::optional<uint32_t> first_line = {};  ///< absent: where the function begins
  std::optional<uint32_t> count = {};       ///< absent: up to where the function ends
};

/// Lines of a script.
struct SourceListing {
  std::string function = {};
  std::string file = {};
  uint32_t begin_line = 0;  ///< of the function
  uint32_t end_line = 0;
  uint32_t first_line = 0;  ///< of `lines`
  std::vector<std::string> lines = {};
};

}  // namespace corewalk
