#include "v8/gc_roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "v8/handles.h"
#include "v8/isolate_tables.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

RootCategory category_of(RootKind kind, bool has_microtasks) {
  switch (kind) {
    case RootKind::kGlobalHandle:
      return RootCategory::kGlobalHandles;
    case RootKind::kEternalHandle:
      return RootCategory::kEternalHandles;
    case RootKind::kHandleScope:
      return RootCategory::kHandleScope;
    case RootKind::kMicrotaskQueue:
      return has_microtasks ? RootCategory::kMicroTasks : RootCategory::kStrongRoots;
    case RootKind::kRootsTable:
    case RootKind::kIsolate:
    case RootKind::kStack:
    case RootKind::kRegister:
      break;
  }
  return RootCategory::kUnknown;
}

/// The collector clears these tables of the strings that nothing else holds
/// (Heap::IterateWeakRoots), although the heap snapshot lists them as if they held them. Up to V8 8
/// the table is an object itself, which stays.
bool keeps_alive(RootCategory category, TypeTag target) {
  const bool is_table =
      category == RootCategory::kStringTable || category == RootCategory::kExternalStringsTable;
  return !is_table || target != TypeTag::kString;
}

class Collector {
 public:
  explicit Collector(const Heap& heap)
      : heap_(heap), has_microtasks_(has_category(heap.layout(), RootCategory::kMicroTasks)) {}

  void add_isolate(const Isolate& isolate) {
    const Handles handles(heap_.memory(), isolate);
    const IsolateTables tables(heap_, isolate, handles.isolate_words());
    tables.for_each([&](RootCategory category, uint32_t number, Address place, TaggedWord word) {
      add({.category = category,
           .keeps_alive = keeps_alive(category, heap_.tag_of(untag(word))),
           .isolate = isolate.index,
           .detail = number,
           .place = place,
           .word = word});
    });
    handles.for_each([&](RootKind kind, bool weak, Address place, TaggedWord word) {
      add({.category = category_of(kind, has_microtasks_),
           .keeps_alive = !weak,
           .weak_edge = weak,
           .isolate = isolate.index,
           .place = place,
           .word = word});
    });
  }

  [[nodiscard]] std::vector<GcRoot> take() { return std::move(roots_); }

 private:
  void add(const GcRoot& root) {
    if (is_strong(root.word) && heap_.page_of(untag(root.word)) != nullptr) {
      roots_.push_back(root);
    }
  }

  const Heap& heap_;
  bool has_microtasks_;
  std::vector<GcRoot> roots_;
};

}  // namespace

std::vector<GcRoot> find_gc_roots(const Heap& heap) {
  Collector collector(heap);
  for (const Isolate& isolate : heap.isolates()) collector.add_isolate(isolate);
  std::vector<GcRoot> roots = collector.take();
  sort_roots(heap.layout(), roots);
  return roots;
}

void sort_roots(const Layout& layout, std::vector<GcRoot>& roots) {
  const std::vector<RootGroup> groups = root_groups(layout);
  std::array<uint8_t, 256> place_of{};  // of each category; those of no group come last
  place_of.fill(UINT8_MAX);
  for (size_t i = 0; i < groups.size(); ++i) {
    place_of[static_cast<uint8_t>(groups[i].category)] = static_cast<uint8_t>(i);
  }
  const auto rank = [&](const GcRoot& root) {
    return uint64_t{root.isolate} << 16 |
           uint64_t{place_of[static_cast<uint8_t>(root.category)]} << 8 | uint64_t{root.weak_edge};
  };
  std::stable_sort(roots.begin(), roots.end(), [&](const GcRoot& left, const GcRoot& right) {
    return rank(left) < rank(right);
  });
}

RootEdgeNames::RootEdgeNames(const Heap& heap) : layout_(heap.layout()) {
  const uint32_t count = layout_.root("last_script_id").value_or(0);
  const auto string_table = layout_.root("string_table");
  for (const Isolate& isolate : heap.isolates()) {
    auto& table = table_.emplace_back();
    for (uint32_t i = 0; i < count; ++i) {
      const auto word = heap.memory().read<TaggedWord>(isolate.roots + i * kWordBytes, "root");
      if (word && is_strong(*word) && i != string_table) table.emplace(*word, i);
    }
  }
}

// V8HeapExplorer::SetGcSubrootReference: an object of the roots table is called what it is called
// there, wherever else it is found.
std::string RootEdgeNames::name(const GcRoot& root, uint64_t number) const {
  if (root.isolate < table_.size()) {
    const auto& table = table_[root.isolate];
    if (const auto found = table.find(root.word); found != table.end()) {
      return layout_.root_name(found->second);
    }
  }
  if (root.detail != 0 && root.detail <= layout_.builtin_names.size()) {
    return fmt::format("{} / {}", number, layout_.builtin_names[root.detail - 1]);
  }
  return std::to_string(number);
}

}  // namespace corewalk::v8
