#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/heap_scan.h"
#include "v8/source_locator.h"

namespace corewalk {

/// The closures of one function as it is written: those that share a SharedFunctionInfo.
struct FunctionRow {
  Address shared = {};  ///< the SharedFunctionInfo, tagged
  std::string name = {};
  v8::SourceLocation definition = {};  ///< where its parameters begin; of a builtin nothing
  uint64_t count = 0;
  uint64_t shallow_bytes = 0;  ///< of the closures alone, without their contexts
  Address sample = {};         ///< the closure with the lowest address, tagged
};

struct FunctionReport {
  std::vector<FunctionRow> rows;  ///< in order of the SharedFunctionInfos' addresses
  ScanExtent extent;
};

/// Counts the closures on the heap by definition.
[[nodiscard]] FunctionReport find_functions(const v8::Heap& heap,
                                            std::optional<v8::IsolateIndex> isolate,
                                            Progress& progress);

/// The closures of each of some definitions, all tagged, in order of address. `wanted`: as
/// FunctionRow has them.
using ClosureLists = std::map<Address, std::vector<Address>>;
[[nodiscard]] ClosureLists find_closures(const v8::Heap& heap, const std::set<Address>& wanted,
                                         std::optional<v8::IsolateIndex> isolate,
                                         Progress& progress);

}  // namespace corewalk
