#pragma once

#include <cstdint>
#include <string>

namespace corewalk {

/// How one object refers to another: the edge types of V8's heap snapshot, in its order
/// (HeapGraphEdge::Type, profiler/heap-snapshot-generator.h).
enum class EdgeKind : uint8_t {
  kContext,   ///< a variable of a closure
  kElement,   ///< an index
  kProperty,  ///< a named property, a private name included
  kInternal,  ///< a field of V8's own that has a name
  kHidden,    ///< one that has none
  kShortcut,  ///< past other objects
  kWeak,      ///< keeps nothing alive
};

/// One reference, with its name as V8's snapshot has it: "user", "3", "table". Not escaped.
struct EdgeLabel {
  EdgeKind kind = EdgeKind::kProperty;
  std::string name = {};
};

}  // namespace corewalk
