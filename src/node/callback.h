#pragma once

#include <optional>
#include <string>

#include "v8/heap.h"
#include "v8/source_locator.h"

namespace corewalk {

/// A function that Node.js will call, by name and by where it is written.
struct Callback {
  Address function;  ///< tagged, as V8 prints it
  std::string name;  ///< "" if it has none
  v8::SourceLocation place;
};

/// The function that `word` refers to; absent if it refers to none. Where it is one of Node's own
/// around a callback of the program's, such as those of `fs`, the program's is meant.
[[nodiscard]] std::optional<Callback> read_callback(const v8::Heap& heap, v8::TaggedWord word,
                                                    v8::SourceLocator& sources);

}  // namespace corewalk
