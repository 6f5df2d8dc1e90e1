#include "analysis/reference_finder.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "inspect/reference_label.h"
#include "v8/page_walker.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TypeTag;

namespace {

/// Owners of one store: more than one for the literals' copy-on-write arrays.
constexpr uint64_t kMaxOwners = 64;

/// True if `owner` keeps its properties, elements or entries in the store at that offset.
bool owns_at(const v8::Heap& heap, const ObjectView& owner, uint64_t offset) {
  const v8::ObjectFields& fields = heap.layout().object;
  if (!v8::is_js_object(owner.tag())) return false;
  if (offset == fields.properties_or_hash.offset() || offset == fields.elements.offset()) {
    return true;
  }
  const TypeTag tag = owner.tag();
  const bool has_table = tag == TypeTag::kJSMap || tag == TypeTag::kJSSet ||
                         tag == TypeTag::kJSWeakMap || tag == TypeTag::kJSWeakSet;
  return has_table && offset == fields.collection_table.offset();
}

/// A visitor of PageWalker that hands every object to a function.
template <class Visit>
class EachObject {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;
  explicit EachObject(Visit visit) : visit_(std::move(visit)) {}

  void object(Address address, const Maps::Entry& map, uint64_t /*size*/,
              const std::byte* /*bytes*/) {
    visit_(address, map.info);
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

 private:
  Visit visit_;
};

template <class Visit>
void for_each_object(const v8::Heap& heap, const char* phase, Progress& progress, Visit visit) {
  EachObject<Visit> visitor(std::move(visit));
  typename EachObject<Visit>::Maps maps(heap);
  progress.begin(phase, heap.pages().size());
  for (const v8::HeapPage& page : heap.pages()) {
    if (progress.interrupted()) break;
    v8::PageWalker<EachObject<Visit>>(page, maps, visitor).walk();
    progress.advance(1);
  }
  progress.end();
}

}  // namespace

void ReferenceFinder::add_holders(const Reference& reference, Address target,
                                  std::vector<Holder>& found) const {
  const auto holder = ObjectView::load(heap_, reference.holder);
  if (!holder) return;
  const ReferenceLabel label = label_of(reader_, *holder, reference.offset);
  const auto add = [&](const ObjectView& object, ReferenceLabel name) {
    const bool is_array = object.tag() == TypeTag::kJSArray;
    found.push_back(
        {.address = Address(v8::tag(object.address())),
         .type = is_array ? "(Array)" : reader_.brief(v8::tag(object.address()), {}).type,
         .label = std::move(name.text),
         .target = v8::tag(target),
         .weak = reference.weak || name.weak});
  };
  bool owned = false;
  if (label.in_store) {
    for (const Reference& above : index_.to(reference.holder, kMaxOwners)) {
      const auto owner = ObjectView::load(heap_, above.holder);
      if (!owner || !owns_at(heap_, *owner, above.offset)) continue;
      add(*owner, label_in_store(reader_, *owner, *holder, reference.offset));
      owned = true;
    }
  }
  if (!owned) add(*holder, label);
}

Holder ReferenceFinder::holder_of(const v8::Root& root) const {
  Holder holder{.address = root.place,
                .type = fmt::format("({})", v8::to_string(root.kind)),
                .target = root.word,
                .weak = root.weak,
                .root = root};
  switch (root.kind) {
    case v8::RootKind::kRootsTable:
      holder.label = "." + heap_.layout().root_name(static_cast<uint32_t>(root.detail));
      break;
    case v8::RootKind::kIsolate:
      holder.label = fmt::format("+{:#x}", root.detail);
      break;
    case v8::RootKind::kStack:
    case v8::RootKind::kRegister:
      holder.label = fmt::format(" of thread {}", root.thread_id);
      break;
    case v8::RootKind::kGlobalHandle:
    case v8::RootKind::kEternalHandle:
    case v8::RootKind::kHandleScope:
    case v8::RootKind::kMicrotaskQueue:
      break;
  }
  return holder;
}

std::vector<Holder> ReferenceFinder::objects_that_hold(Address target, uint64_t limit) const {
  std::vector<Holder> found;
  for (const Reference& reference : index_.to(target, limit)) {
    add_holders(reference, target, found);
  }
  return found;
}

std::optional<Holder> ReferenceFinder::strong_root_of(Address target) const {
  const v8::Root* best = nullptr;
  for (const v8::Root& root : roots_) {
    if (root.weak || v8::untag(root.word) != target) continue;
    if (best == nullptr || root.kind < best->kind) best = &root;
  }
  return best == nullptr ? std::nullopt : std::optional(holder_of(*best));
}

std::vector<Holder> ReferenceFinder::to_value(Address target, uint64_t limit) const {
  std::vector<Holder> found = objects_that_hold(target, limit);
  for (const v8::Root& root : roots_) {
    if (limit != 0 && found.size() >= limit) break;
    if (v8::untag(root.word) == target) found.push_back(holder_of(root));
  }
  return found;
}

std::vector<Holder> ReferenceFinder::by_property(std::string_view name, uint64_t limit,
                                                 Progress& progress) const {
  std::vector<Holder> found;
  std::map<Address, bool> may_have;  // by map
  const auto has_name = [&](const v8::MapView& map) {
    if (map.is_dictionary_map) return true;
    for (const v8::Descriptor& descriptor : reader_.properties().descriptors(map)) {
      if (reader_.key_text(descriptor.key) == name) return true;
    }
    return false;
  };
  for_each_object(
      heap_, "looking for properties", progress, [&](Address address, const v8::MapInfo& info) {
        if (!v8::is_js_object(info.tag) || (limit != 0 && found.size() >= limit)) return;
        const auto known = may_have.find(info.map);
        if (known != may_have.end() && !known->second) return;
        const auto map = v8::MapView::load(heap_, info.map);
        if (!map) return;
        if (known == may_have.end() && !(may_have[info.map] = has_name(*map))) return;
        for (const auto& property : reader_.properties().own_data_properties(address, *map)) {
          if (reader_.key_text(property.key) != name) continue;
          found.push_back({.address = Address(v8::tag(address)),
                           .type = reader_.names().name(address, *map).text,
                           .label = "." + std::string(name),
                           .target = property.value});
        }
      });
  return found;
}

std::vector<Holder> ReferenceFinder::to_string(std::string_view text, uint64_t limit,
                                               Progress& progress) const {
  std::vector<Address> strings;
  for_each_object(heap_, "looking for strings", progress,
                  [&](Address address, const v8::MapInfo& info) {
                    // A UTF-16 code unit is one to three bytes of UTF-8.
                    if (info.tag != TypeTag::kString) return;
                    const auto length = reader_.strings().length(address);
                    if (!length || *length > text.size() || *length * uint64_t{3} < text.size())
                      return;
                    const auto read = reader_.strings().read(address, *length);
                    if (read && read->utf8 == text) strings.push_back(address);
                  });
  std::vector<Holder> found;
  for (const Address string : strings) {
    for (Holder& holder : to_value(string, limit)) found.push_back(std::move(holder));
  }
  return found;
}

}  // namespace corewalk
