#pragma once

#include <optional>
#include <string>

#include "v8/object_view.h"

namespace corewalk {

/// Machine code that V8 made for a function.
struct CodeAt {
  v8::ObjectView code;  ///< the Code object
  std::string kind;     ///< V8's CodeKind: "BASELINE", "MAGLEV", "TURBOFAN_JS"
  Address start;        ///< of the instructions
  uint64_t size_bytes = 0;
};

/// The code that holds the instruction at `pc`; absent if that is not on a page of the heap: V8's
/// builtins, which lie in the program.
[[nodiscard]] std::optional<CodeAt> find_code(const v8::Heap& heap, Address pc);

}  // namespace corewalk
