#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inspect/edge_label.h"
#include "inspect/value_reader.h"

namespace corewalk {

/// One step of a path from a root down: an object, and by which edge it holds the next one.
struct PathLink {
  std::optional<Address> object = {};  ///< tagged or not; absent: a root, or memory off the heap
  std::string name = {};               ///< as V8's snapshot names it; of a root with its owner
  EdgeLabel edge = {};                 ///< of no meaning in the last link
};

/// What a reader is told of a link. Joined in their order, with nothing before words that begin
/// with "." or "[", and arrows before the others, they are the path in one line. Not escaped.
struct PathWords {
  std::string words = {};       ///< "module ./sessions.js", "Map"; "": not worth telling
  std::string edge_words = {};  ///< ".list", "closure variable cache", "value of \"k17\"", or ""
};

struct PathWordsOptions {
  /// Files below this folder are written "./file"; "" leaves all as they are.
  std::string folder = {};
  /// The path stands for many: "[*]" for an index, "value" for that of one key.
  bool merged = false;
};

/// Says a path as people would: V8's own objects between are left out where their meaning can be
/// said. A context is the closure variable it holds, and the outermost one of a file is the module;
/// a Map and its table are the value of a key; a listener of an EventEmitter, the callback of a
/// timer, a variable of a suspended function and what waits for a promise are called that. All else
/// is the name of the object and of the edge, as V8's snapshot has them.
[[nodiscard]] std::vector<PathWords> path_words(const ValueReader& reader,
                                                std::span<const PathLink> links,
                                                const PathWordsOptions& options);

}  // namespace corewalk
