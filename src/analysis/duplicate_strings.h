#pragma once

#include <optional>
#include <vector>

#include "analysis/heap_scan.h"

namespace corewalk {

/// Which strings to compare.
struct DuplicateQuery {
  std::optional<v8::IsolateIndex> isolate = {};
  uint64_t min_length = 0;  ///< in UTF-16 code units
  uint64_t min_waste_bytes = 0;
};

/// Strings that are one another's copies.
struct DuplicateRow {
  Address sample = {};  ///< the one with the lowest address, tagged
  uint64_t length = 0;  ///< in UTF-16 code units
  uint64_t count = 0;
  uint64_t bytes = 0;        ///< of all copies: objects and external characters
  uint64_t waste_bytes = 0;  ///< without the smallest copy: what one string for all would save
};

struct DuplicateReport {
  std::vector<DuplicateRow> rows;  ///< the largest waste first
  uint64_t compared = 0;           ///< strings that own their characters, of the length asked for
  uint64_t compared_bytes = 0;
  uint64_t copies = 0;  ///< those that `rows` would save
  uint64_t waste_bytes = 0;
  /// Not compared, since they hold no characters of their own.
  uint64_t cons = 0;
  uint64_t sliced = 0;
  uint64_t thin = 0;
  uint64_t unreadable = 0;  ///< characters not in the core
  ScanExtent extent;
};

/// Finds sequential and external strings of equal text within an isolate, internalized ones
/// included: each text has one of those, and copies that are not. Takes 32 bytes a string.
[[nodiscard]] DuplicateReport find_duplicate_strings(const v8::Heap& heap,
                                                     const DuplicateQuery& query,
                                                     Progress& progress);

}  // namespace corewalk
