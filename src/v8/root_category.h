#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "v8/layout.h"

namespace corewalk::v8 {

/// What V8 calls a Root (objects/visitors.h): the kind of place outside the heap that refers to an
/// object. All that any version has, in the order of the newest.
enum class RootCategory : uint8_t {
  kBootstrapper,
  kBuiltins,
  kClientHeap,
  kCodeFlusher,
  kCompilationCache,
  kDebug,
  kExtensions,
  kEternalHandles,
  kExternalStringsTable,
  kGlobalHandles,
  kHandleScope,
  kIdentityMap,
  kMicroTasks,
  kReadOnlyRootList,
  kRelocatable,
  kRetainMaps,
  kSharedHeapObjectCache,
  kSharedStructTypeRegistry,
  kSmiRootList,
  kStackRoots,
  kStartupObjectCache,
  kStringTable,
  kStrongRootList,
  kStrongRoots,
  kThreadManager,
  kTracedHandles,
  kWeakRoots,
  kWriteBarrier,
  kDispatchTable,        // to 7.9
  kReadOnlyObjectCache,  // to 11.3, as those below
  kWeakCollections,
  kWrapperTracing,
  kUnknown,
};

/// A category as one V8 version has it. Its heap snapshot has a node for each below "(GC roots)".
struct RootGroup {
  RootCategory category = RootCategory::kUnknown;
  std::string_view label;  ///< V8's: "(Handle scope)"
};

/// The categories of a version, in its own order.
[[nodiscard]] std::vector<RootGroup> root_groups(const Layout& layout);

/// True if this version knows the category.
[[nodiscard]] bool has_category(const Layout& layout, RootCategory category);

/// "Handle scope": the same words in every version.
[[nodiscard]] std::string_view to_string(RootCategory category);

}  // namespace corewalk::v8
