#pragma once

#include <string>

#include "analysis/census.h"
#include "v8/constructor_name.h"
#include "v8/map_info.h"

namespace corewalk {

/// The census row an object belongs to.
struct RowName {
  RowKind kind = RowKind::kInternal;
  std::string name;
  /// For the "(prototype)" row: the name V8's snapshot would give the object.
  std::string prototype_of;

  // clang-tidy 14 sees a null pointer in the comparison with 0 that this stands for.
  friend auto operator<=>(const RowName&,
                          const RowName&) = default;  // NOLINT(modernize-use-nullptr)
};

/// Decides which row an object is counted in: JavaScript objects by constructor, everything else by
/// kind, with the names V8's heap snapshot and Chrome DevTools use.
class RowNamer {
 public:
  explicit RowNamer(const v8::Heap& heap) : heap_(heap), constructors_(heap) {}

  /// True if objects of this map can belong to different rows.
  [[nodiscard]] bool differs_within(const v8::MapInfo& map) const;
  [[nodiscard]] RowName name(Address object, const v8::MapInfo& map) const;

 private:
  const v8::Heap& heap_;
  v8::ConstructorNamer constructors_;
};

}  // namespace corewalk
