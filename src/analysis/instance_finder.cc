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

/// The same for several names, of whose objects only the addresses count.
class ObjectFinder {
 public:
  struct MapData {
    static constexpr size_t kUnknown = ~size_t{0};
    static constexpr size_t kNone = kUnknown - 1;
    static constexpr size_t kByObject = kUnknown - 2;
    size_t list = kUnknown;  ///< or one of these
  };
  using Maps = v8::MapTable<MapData>;

  ObjectFinder(const v8::Heap& heap, std::span<const std::string_view> names)
      : names_(names), maps_(heap), namer_(heap), found_(names.size()) {}

  void walk(const v8::HeapPage& page) { v8::PageWalker<ObjectFinder>(page, maps_, *this).walk(); }
  [[nodiscard]] std::vector<std::vector<Address>> take() { return std::move(found_); }

  void object(Address address, Maps::Entry& entry, uint64_t /*size*/, const std::byte* /*bytes*/) {
    size_t& list = entry.data.list;
    if (list == MapData::kUnknown) list = judge(address, entry.info);
    const size_t place = list == MapData::kByObject ? list_of(address, entry.info) : list;
    if (place < found_.size()) found_[place].push_back(address);
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  [[nodiscard]] size_t judge(Address first, const v8::MapInfo& map) const {
    if (v8::is_free(map.tag)) return MapData::kNone;
    return namer_.differs_within(map) ? MapData::kByObject : list_of(first, map);
  }
  [[nodiscard]] size_t list_of(Address object, const v8::MapInfo& map) const {
    const std::string name = namer_.name(object, map).name;
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? MapData::kNone : static_cast<size_t>(found - names_.begin());
  }

  std::span<const std::string_view> names_;
  Maps maps_;
  RowNamer namer_;
  std::vector<std::vector<Address>> found_;
};

/// Gives each page to a finder.
template <class AnyFinder>
void walk_pages(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate, AnyFinder& finder,
                Progress& progress) {
  progress.begin("looking for instances", heap.pages().size());
  for (const v8::HeapPage& page : heap.pages()) {
    if (progress.interrupted()) break;
    if (!isolate || page.isolate == *isolate) finder.walk(page);
    progress.advance(1);
  }
  progress.end();
}

}  // namespace

std::vector<std::vector<Address>> find_objects(const v8::Heap& heap,
                                               std::span<const std::string_view> names,
                                               Progress& progress) {
  ObjectFinder finder(heap, names);
  walk_pages(heap, {}, finder, progress);
  return finder.take();
}

InstancePage find_instances(const v8::Heap& heap, std::string_view name, const InstanceQuery& query,
                            Progress& progress) {
  Finder finder(heap, name, query);
  walk_pages(heap, query.isolate, finder, progress);
  return finder.take();
}

}  // namespace corewalk
