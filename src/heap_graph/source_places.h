#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "v8/constructor_name.h"
#include "v8/map_table.h"
#include "v8/source_locator.h"

namespace corewalk {

/// Where in its script a function stands, or the constructor that made an object: what V8's heap
/// snapshot lists as locations (V8HeapExplorer::ExtractLocation). Keeps the answers. Not
/// thread-safe.
class SourcePlaces {
 public:
  explicit SourcePlaces(const v8::Heap& heap)
      : heap_(heap), maps_(heap), sources_(heap), constructors_(heap) {}

  struct Place {
    uint32_t script_id = 0;
    uint32_t line = 0;    ///< from 0, as the column
    uint32_t column = 0;  ///< in UTF-16 code units
  };
  /// Absent for objects of builtins, and for what is no JavaScript object.
  [[nodiscard]] const std::optional<Place>& of(Address object);

 private:
  /// Which function says where the objects of a map come from.
  struct MapPlace {
    enum class Kind : uint8_t { kUndecided, kNone, kFunction, kGenerator, kSame, kOfObject };
    Kind kind = Kind::kUndecided;
    const std::optional<Place>* same = nullptr;  ///< of all of them
  };
  void decide(const v8::MapInfo& map, Address first, MapPlace& place);
  [[nodiscard]] const std::optional<Place>& of_generator(Address generator);
  [[nodiscard]] const std::optional<Place>& of_constructor(Address object);
  [[nodiscard]] const std::optional<Place>& of_function(Address function);
  [[nodiscard]] std::optional<Place> find(Address shared);

  const v8::Heap& heap_;
  v8::MapTable<MapPlace> maps_;
  v8::SourceLocator sources_;
  v8::ConstructorNamer constructors_;
  std::unordered_map<uint64_t, std::optional<Place>> by_shared_;  ///< by address
};

}  // namespace corewalk
