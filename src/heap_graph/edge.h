#pragma once

#include <cstdint>
#include <string_view>

#include "inspect/edge_label.h"
#include "v8/tagged.h"

namespace corewalk {

/// How an edge is called, in a form that costs nothing until NodeNamer is asked for the text.
struct EdgeName {
  enum class Kind : uint8_t {
    kIndex,      ///< `number`
    kText,       ///< `text`
    kKey,        ///< the String or Symbol `number` refers to
    kGetter,     ///< "get " and the key
    kSetter,     ///< "set " and the key
    kEphemeron,  ///< a pair of a WeakMap, whose nodes NodeEdge has
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
