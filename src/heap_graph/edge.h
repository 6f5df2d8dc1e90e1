#pragma once

#include <cstdint>
#include <string_view>

#include "v8/tagged.h"

namespace corewalk {

/// Kinds of references between the nodes of V8's heap snapshot, numbered as its files number them
/// (HeapGraphEdge::Type, profiler/heap-snapshot-generator.h).
enum class EdgeType : uint8_t {
  kContext,   ///< a variable of a closure
  kElement,   ///< an indexed property
  kProperty,  ///< a named property
  kInternal,  ///< a field of V8's own that has a name
  kHidden,    ///< one that has none
  kShortcut,  ///< past other objects: to a bound argument
  kWeak,      ///< does not keep its target
};

/// How an edge is called, in a form that costs nothing until text() of it is wanted.
struct EdgeName {
  enum class Kind : uint8_t {
    kIndex,      ///< `number`
    kText,       ///< `text`
    kKey,        ///< the String or Symbol `number` refers to
    kGetter,     ///< "get " and the key
    kSetter,     ///< "set " and the key
    kEphemeron,  ///< a pair of the WeakMap table `number` refers to
    kArgument,   ///< "bound_argument_" and `number`
    kRoot,       ///< the root `number` of the graph
  };
  Kind kind = Kind::kIndex;
  uint64_t number = 0;
  std::string_view text;

  static constexpr EdgeName of_index(uint64_t index) { return {Kind::kIndex, index, {}}; }
  static constexpr EdgeName of_text(std::string_view text) { return {Kind::kText, 0, text}; }
  static constexpr EdgeName of_key(v8::TaggedWord key) { return {Kind::kKey, key, {}}; }
};

}  // namespace corewalk
