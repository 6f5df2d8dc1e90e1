#include "analysis/instance_finder.h"

#include <algorithm>

#include "analysis/describe.h"
#include "analysis/row_namer.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

/// A visitor of PageWalker that keeps the wanted stretch of the matching objects.
class Finder {
 public:
  enum class Verdict : uint8_t { kUnknown, kAlways, kNever, kByObject };
  struct MapData {
    Verdict verdict = Verdict::kUnknown;
  };
  using Maps = v8::MapTable<MapData>;

  Finder(const v8::Heap& heap, std::string_view name, const InstanceQuery& query)
      : heap_(heap), name_(name), query_(query), maps_(heap), namer_(heap) {}

  void walk(const v8::HeapPage& page) { v8::PageWalker<Finder>(page, maps_, *this).walk(); }
  [[nodiscard]] InstancePage take() { return std::move(found_); }

  void object(Address address, Maps::Entry& entry, uint64_t size, const std::byte* /*bytes*/) {
    const v8::MapInfo& map = entry.info;
    Verdict& verdict = entry.data.verdict;
    if (verdict == Verdict::kUnknown) verdict = judge(address, map);
    if (verdict == Verdict::kNever) return;
    if (verdict == Verdict::kByObject && namer_.name(address, map).name != name_) return;
    const uint64_t index = found_.total++;
    if (index < query_.skip) return;
    if (query_.limit != 0 && index - query_.skip >= query_.limit) return;
    found_.instances.push_back({.address = Address(v8::tag(address)),
                                .description = describe_object(heap_, address, map, name_),
                                .shallow_bytes = size,
                                .external_bytes = 0});
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  [[nodiscard]] Verdict judge(Address first, const v8::MapInfo& map) const {
    if (v8::is_free(map.tag)) return Verdict::kNever;
    if (namer_.differs_within(map)) return Verdict::kByObject;
    return namer_.name(first, map).name == name_ ? Verdict::kAlways : Verdict::kNever;
  }

  const v8::Heap& heap_;
  std::string_view name_;
  const InstanceQuery& query_;
  Maps maps_;
  RowNamer namer_;
  InstancePage found_;
};

}  // namespace

InstancePage find_instances(const v8::Heap& heap, std::string_view name, const InstanceQuery& query,
                            Progress& progress) {
  Finder finder(heap, name, query);
  progress.begin("looking for instances", heap.pages().size());
  for (const v8::HeapPage& page : heap.pages()) {
    if (progress.interrupted()) break;
    if (!query.isolate || page.isolate == *query.isolate) finder.walk(page);
    progress.advance(1);
  }
  progress.end();
  return finder.take();
}

}  // namespace corewalk
