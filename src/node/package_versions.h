#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "v8/heap.h"

namespace corewalk {

/// Versions of packages by the folder of their package.json, as far as its contents are in the
/// heap: Node 12 to 17 keep the text (lib/internal/modules/package_json_reader.js), and any program
/// may have required the file.
class PackageVersions {
 public:
  /// Objects of class Map, one of which may be that reader's cache.
  void add_caches(const v8::Heap& heap, std::span<const Address> maps);
  /// A CommonJS module that is a package.json.
  void add_module(const v8::Heap& heap, std::string_view file, Address exports);

  /// Of the package that owns a folder; "" if unknown.
  [[nodiscard]] std::string version_of(const std::string& folder) const;

 private:
  std::map<std::string, std::string> versions_;
};

}  // namespace corewalk
