#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/loaded_module.h"
#include "v8/heap.h"

namespace corewalk {

/// Objects that a walk over the heap finds by their names.
struct ModuleObjects {
  std::vector<Address> modules;       ///< Module: those of CommonJS, beside others of that name
  std::vector<Address> module_wraps;  ///< ModuleWrap: ES modules
  std::vector<Address> text_modules;  ///< V8's SourceTextModule
  std::vector<Address> maps;          ///< one of them may hold the texts of package.json files
};

/// The modules that the program has loaded (lib/internal/modules, Node 12 to 26), without Node's
/// own, in order of isolates and of names.
[[nodiscard]] std::vector<LoadedModule> read_modules(const v8::Heap& heap,
                                                     const ModuleObjects& objects);

/// "@scope/name" of ".../node_modules/@scope/name/lib/file.js"; "" if the path names none.
[[nodiscard]] std::string package_of(std::string_view path);

}  // namespace corewalk
