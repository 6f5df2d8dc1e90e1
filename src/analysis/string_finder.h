#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/heap_scan.h"

namespace corewalk {

/// What `strings` looks for.
struct StringQuery {
  std::string pattern = {};  ///< UTF-8
  bool is_regex = false;
  std::optional<v8::IsolateIndex> isolate = {};
  uint64_t min_length = 0;      ///< in UTF-16 code units
  uint64_t min_bytes = 0;       ///< of the string itself and its external characters
  uint64_t limit = 0;           ///< hits that are described; 0: all
  uint64_t context_units = 24;  ///< shown before and behind what was found
};

/// A string that holds what was looked for.
struct StringHit {
  Address address = {};             ///< tagged
  std::string representation = {};  ///< "sequential", "cons", "sliced", "external"
  bool internalized = false;
  uint64_t length = 0;         ///< in UTF-16 code units
  uint64_t shallow_bytes = 0;  ///< of the object alone: a cons or sliced string holds no characters
  uint64_t external_bytes = 0;
  uint64_t position = 0;  ///< of the first hit, in UTF-16 code units
  std::string before = {};
  std::string hit = {};  ///< shortened if long
  std::string after = {};
  bool begins = false;  ///< `before` begins where the string does
  bool ends = false;
};

struct StringSearch {
  std::vector<StringHit> hits;  ///< in order of address
  uint64_t total = 0;           ///< of the hits, not only of those described
  uint64_t unreadable = 0;      ///< strings whose characters are not in the core, or too many
  ScanExtent extent;
};

/// Looks through the strings of every representation. Of a string that is concatenated from others,
/// only the outermost is looked at as a whole: what lies in a part alone is found in that part. Not
/// looked at are thin strings, which stand for another string.
[[nodiscard]] StringSearch find_strings(const v8::Heap& heap, const StringQuery& query,
                                        Progress& progress);

}  // namespace corewalk
