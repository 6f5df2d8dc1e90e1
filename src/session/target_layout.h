#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "memory/address_space.h"
#include "memory/symbol_source.h"
#include "v8/heap.h"
#include "v8/layout.h"
#include "v8/layout_check.h"

namespace corewalk {

/// The layout that fits a process, the heap found with it, and what was tested.
struct TargetLayout {
  std::unique_ptr<v8::Layout> layout;
  std::unique_ptr<v8::Heap> heap;
  std::vector<v8::LayoutCheck> checks;
  std::string v8_version;  ///< "12.4.254.21", from the binary; empty without one
  bool fits = false;
  std::string problem;  ///< if it does not fit: what to tell the user
};

/// Finds the layout: a file of the user's, else the one for the version the binary states, else,
/// with no binary, whichever built-in one passes all its checks. Never throws about the target.
[[nodiscard]] TargetLayout find_target_layout(const AddressSpace& memory,
                                              const SymbolSource& symbols,
                                              const std::optional<std::filesystem::path>& file,
                                              Progress& progress);

}  // namespace corewalk
