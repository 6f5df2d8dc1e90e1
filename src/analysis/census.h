#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "v8/page_walker.h"

namespace corewalk {

/// Whether a census row holds objects a JavaScript program can see, or V8's own.
enum class RowKind : uint8_t { kJavaScript, kInternal };

/// Which objects a census counts: live is what a root holds, by whatever way.
enum class Liveness : uint8_t { kAny, kLive, kDead };

/// Objects of one constructor (or one internal kind), as V8's heap snapshot would name them.
struct CensusRow {
  std::string name;
  RowKind kind = RowKind::kJavaScript;
  uint64_t count = 0;
  /// The objects alone, V8's `self_size`.
  uint64_t self_bytes = 0;
  /// self_bytes plus the backing stores that belong to them: elements, properties, Map/Set tables.
  /// Over all rows these add up to the bytes of all objects on the pages.
  uint64_t shallow_bytes = 0;
  /// Off the V8 heap: ArrayBuffer backing stores, external strings.
  uint64_t external_bytes = 0;
  /// The object of the row with the lowest address, tagged as V8 prints it.
  Address sample;
  /// What would go with all of them; and how far the nearest is from a root. Of live objects alone,
  /// and only if the census is of those.
  std::optional<uint64_t> retained_bytes = {};
  std::optional<uint64_t> distance = {};
};

/// Objects of one shape (hidden class): what `findjsobjects --detailed` lists.
struct ShapeRow {
  std::string name;
  RowKind kind = RowKind::kJavaScript;
  std::vector<std::string> properties;  ///< own fast properties, in order of definition
  uint64_t property_count = 0;          ///< of the sample, if the shape is in dictionary mode
  uint64_t element_count = 0;           ///< of the sample
  bool dictionary_mode = false;
  uint64_t count = 0;
  uint64_t shallow_bytes = 0;
  uint64_t external_bytes = 0;
  Address sample;
  std::optional<uint64_t> retained_bytes = {};  ///< as in CensusRow
  std::optional<uint64_t> distance = {};
};

/// What part of the heap an answer rests on. Every byte of every page has exactly one label.
struct Coverage {
  uint64_t pages = 0;
  uint64_t pages_missing = 0;  ///< known or inferred, but not (wholly) in the core
  uint64_t page_bytes = 0;     ///< object areas of all pages
  uint64_t object_bytes = 0;
  uint64_t filler_bytes = 0;   ///< one- and two-word fillers, filler arrays
  uint64_t free_bytes = 0;     ///< free-list entries
  uint64_t unused_bytes = 0;   ///< allocation areas between top and limit, never-used tails
  uint64_t unswept_bytes = 0;  ///< dead objects whose maps are gone, on pages not yet swept
  uint64_t damaged_bytes = 0;  ///< no valid object could be read here
  uint64_t missing_bytes = 0;  ///< not in the core
  /// Of a truncated core: memory behind its end that may have held more pages. No part of
  /// page_bytes, as nobody knows.
  uint64_t cut_off_bytes = 0;
  uint64_t unreadable_objects = 0;  ///< objects whose name or contents could not be read

  void add_gap(uint64_t bytes, v8::GapLabel label);
  void add(const Coverage& other);
  [[nodiscard]] bool complete() const {
    return pages_missing == 0 && damaged_bytes == 0 && missing_bytes == 0 && cut_off_bytes == 0;
  }
};

/// The answer of the linear walk over all pages of the chosen isolates.
struct Census {
  std::vector<CensusRow> rows;   ///< one per (kind, name); unsorted
  std::vector<ShapeRow> shapes;  ///< filled on request
  /// Prototype objects of functions and classes have a row of their own, "(prototype)", so that a
  /// row counts instances alone. V8's snapshot counts them with the constructor that names them:
  /// here is how many of which name.
  std::map<std::string, uint64_t> prototypes;
  Coverage coverage;
  bool interrupted = false;  ///< the user stopped the walk: counts are lower bounds
  uint64_t object_count = 0;
  uint64_t object_bytes = 0;
};

}  // namespace corewalk
