#include "analysis/function_finder.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

#include "v8/function_view.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::TaggedWord;

namespace {

/// The word of JSFunction::shared_function_info.
TaggedWord shared_of(const v8::Heap& heap, const std::byte* bytes, uint64_t size) {
  const uint64_t offset = heap.layout().function.shared.offset();
  TaggedWord word = 0;
  if (offset + sizeof word <= size) std::memcpy(&word, bytes + offset, sizeof word);
  return word;
}

struct Closures {
  uint64_t count = 0;
  uint64_t bytes = 0;
  Address sample;

  void add(const Closures& other) {
    sample = count == 0 ? other.sample : std::min(sample, other.sample);
    count += other.count;
    bytes += other.bytes;
  }
};

/// A visitor of scan_heap() that counts closures by the word of their definition.
class ClosureCounter {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  explicit ClosureCounter(const v8::Heap& heap) : heap_(heap) {}

  void object(Address address, const Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (map.info.tag != v8::TypeTag::kJSFunction) return;
    counts_[shared_of(heap_, bytes, size)].add({1, size, address});
  }
  [[nodiscard]] const std::unordered_map<TaggedWord, Closures>& counts() const { return counts_; }

 private:
  const v8::Heap& heap_;
  std::unordered_map<TaggedWord, Closures> counts_;
};

/// A visitor of scan_heap() that lists the closures of some definitions.
class ClosureLister {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  ClosureLister(const v8::Heap& heap, const std::set<Address>& wanted)
      : heap_(heap), wanted_(wanted) {}

  void object(Address address, const Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (map.info.tag != v8::TypeTag::kJSFunction) return;
    const Address shared(shared_of(heap_, bytes, size));
    if (wanted_.contains(shared)) found_[shared].emplace_back(v8::tag(address));
  }
  [[nodiscard]] const ClosureLists& found() const { return found_; }

 private:
  const v8::Heap& heap_;
  const std::set<Address>& wanted_;
  ClosureLists found_;
};

FunctionRow make_row(const v8::Heap& heap, v8::SourceLocator& sources, TaggedWord shared,
                     const Closures& closures) {
  FunctionRow row{.shared = Address(shared),
                  .count = closures.count,
                  .shallow_bytes = closures.bytes,
                  .sample = Address(v8::tag(closures.sample))};
  const auto object = v8::ObjectView::at(heap, shared);
  const auto view =
      object ? v8::FunctionView::of(*object) : Result<v8::FunctionView>(object.fault());
  if (!view) {
    row.name = "(unreadable)";
    return row;
  }
  row.name = view->name();
  row.definition = view->definition(sources);
  return row;
}

}  // namespace

FunctionReport find_functions(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate,
                              Progress& progress) {
  FunctionReport report;
  std::map<TaggedWord, Closures> all;
  report.extent = scan_heap<ClosureCounter>(
      heap, isolate, "counting closures", progress, [&] { return ClosureCounter(heap); },
      [&](const ClosureCounter& counter) {
        for (const auto& [shared, closures] : counter.counts()) all[shared].add(closures);
      });
  v8::SourceLocator sources(heap);
  report.rows.reserve(all.size());
  for (const auto& [shared, closures] : all) {
    report.rows.push_back(make_row(heap, sources, shared, closures));
  }
  return report;
}

ClosureLists find_closures(const v8::Heap& heap, const std::set<Address>& wanted,
                           std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  ClosureLists closures;
  (void)scan_heap<ClosureLister>(
      heap, isolate, "listing closures", progress, [&] { return ClosureLister(heap, wanted); },
      [&](const ClosureLister& lister) {
        for (const auto& [shared, found] : lister.found()) {
          std::vector<Address>& list = closures[shared];
          list.insert(list.end(), found.begin(), found.end());
        }
      });
  for (auto& [shared, list] : closures) std::sort(list.begin(), list.end());
  return closures;
}

}  // namespace corewalk
