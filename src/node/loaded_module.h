#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "v8/heap.h"

namespace corewalk {

enum class ModuleKind : uint8_t { kCommonJs, kEsm };

/// A module of the program's, as Node.js keeps it.
struct LoadedModule {
  ModuleKind kind = ModuleKind::kCommonJs;
  v8::IsolateIndex isolate = 0;
  Address object;         ///< tagged: the Module or the ModuleWrap
  std::string file = {};  ///< module.filename, or the URL of an ES module
  bool cached = false;    ///< CommonJS: in require.cache under that name
  /// "loaded" or "loading"; of an ES module what V8 says: "evaluated". "" if that is not known.
  std::string status = {};
  uint64_t children = 0;                       ///< modules it was the first to require
  std::optional<v8::TaggedWord> exports = {};  ///< module.exports, or the namespace object
  std::string package = {};                    ///< as node_modules/ in the path names it
  std::string package_version = {};            ///< if its package.json is in the heap
};

}  // namespace corewalk
