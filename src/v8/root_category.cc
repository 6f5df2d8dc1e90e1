#include "v8/root_category.h"

#include <algorithm>
#include <array>

namespace corewalk::v8 {
namespace {

struct CategoryName {
  RootCategory category;
  std::string_view name;   ///< V8's enumerator without its k, as the layouts have it
  std::string_view label;  ///< in brackets, as heap snapshots have it
};

constexpr std::array kNames = {
    CategoryName{RootCategory::kBootstrapper, "Bootstrapper", "(Bootstrapper)"},
    CategoryName{RootCategory::kBuiltins, "Builtins", "(Builtins)"},
    CategoryName{RootCategory::kClientHeap, "ClientHeap", "(Client heap)"},
    CategoryName{RootCategory::kCodeFlusher, "CodeFlusher", "(Code flusher)"},
    CategoryName{RootCategory::kCompilationCache, "CompilationCache", "(Compilation cache)"},
    CategoryName{RootCategory::kDebug, "Debug", "(Debugger)"},
    CategoryName{RootCategory::kExtensions, "Extensions", "(Extensions)"},
    CategoryName{RootCategory::kEternalHandles, "EternalHandles", "(Eternal handles)"},
    CategoryName{RootCategory::kExternalStringsTable, "ExternalStringsTable", "(External strings)"},
    CategoryName{RootCategory::kGlobalHandles, "GlobalHandles", "(Global handles)"},
    CategoryName{RootCategory::kHandleScope, "HandleScope", "(Handle scope)"},
    CategoryName{RootCategory::kIdentityMap, "IdentityMap", "(Identity map)"},
    CategoryName{RootCategory::kMicroTasks, "MicroTasks", "(Micro tasks)"},
    CategoryName{RootCategory::kReadOnlyRootList, "ReadOnlyRootList", "(Read-only roots)"},
    CategoryName{RootCategory::kRelocatable, "Relocatable", "(Relocatable)"},
    CategoryName{RootCategory::kRetainMaps, "RetainMaps", "(Retain maps)"},
    CategoryName{RootCategory::kSharedHeapObjectCache, "SharedHeapObjectCache",
                 "(Shareable object cache)"},
    CategoryName{RootCategory::kSharedStructTypeRegistry, "SharedStructTypeRegistry",
                 "(SharedStruct type registry)"},
    CategoryName{RootCategory::kSmiRootList, "SmiRootList", "(Smi roots)"},
    CategoryName{RootCategory::kStackRoots, "StackRoots", "(Stack roots)"},
    CategoryName{RootCategory::kStackRoots, "Top", "(Isolate)"},
    CategoryName{RootCategory::kStartupObjectCache, "StartupObjectCache", "(Startup object cache)"},
    CategoryName{RootCategory::kStartupObjectCache, "PartialSnapshotCache",
                 "(Partial snapshot cache)"},
    CategoryName{RootCategory::kStringTable, "StringTable", "(Internalized strings)"},
    CategoryName{RootCategory::kStrongRootList, "StrongRootList", "(Strong root list)"},
    CategoryName{RootCategory::kStrongRootList, "StrongRootListAsStrongRoots", "(Strong roots)"},
    CategoryName{RootCategory::kStrongRoots, "StrongRoots", "(Strong roots)"},
    CategoryName{RootCategory::kThreadManager, "ThreadManager", "(Thread manager)"},
    CategoryName{RootCategory::kTracedHandles, "TracedHandles", "(Traced handles)"},
    CategoryName{RootCategory::kWeakRoots, "WeakRoots", "(Weak roots)"},
    CategoryName{RootCategory::kWriteBarrier, "WriteBarrier", "(Write barrier)"},
    CategoryName{RootCategory::kDispatchTable, "DispatchTable", "(Dispatch table)"},
    CategoryName{RootCategory::kReadOnlyObjectCache, "ReadOnlyObjectCache",
                 "(Read-only object cache)"},
    CategoryName{RootCategory::kWeakCollections, "WeakCollections", "(Weak collections)"},
    CategoryName{RootCategory::kWrapperTracing, "WrapperTracing", "(Wrapper tracing)"},
    CategoryName{RootCategory::kUnknown, "Unknown", "(Unknown)"},
};

}  // namespace

std::vector<RootGroup> root_groups(const Layout& layout) {
  std::vector<RootGroup> groups;
  const auto list = layout.enums.find("Root");
  if (list == layout.enums.end()) return groups;
  for (const auto& [number, name] : list->second) {
    const auto found = std::find_if(kNames.begin(), kNames.end(),
                                    [&](const CategoryName& one) { return one.name == name; });
    if (found != kNames.end()) groups.push_back({found->category, found->label});
  }
  return groups;
}

bool has_category(const Layout& layout, RootCategory category) {
  const std::vector<RootGroup> groups = root_groups(layout);
  return std::any_of(groups.begin(), groups.end(),
                     [&](const RootGroup& group) { return group.category == category; });
}

std::string_view to_string(RootCategory category) {
  const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const CategoryName& one) {
    return one.category == category;
  });
  const std::string_view label = found->label;
  return label.substr(1, label.size() - 2);
}

}  // namespace corewalk::v8
