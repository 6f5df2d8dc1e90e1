#include "v8/dispatch_table.h"

#include <algorithm>
#include <set>
#include <vector>

#include "v8/handles.h"
#include "v8/page_walker.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kEntryBytes = 16;
constexpr unsigned kHandleShift = 8;  // kJSDispatchHandleShift, include/v8-internal.h
constexpr unsigned kCodeShift = 16;   // JSDispatchEntry::kObjectPointerShift
constexpr size_t kSamples = 64;

/// A visitor of PageWalker that collects handles of functions.
class HandleSampler {
 public:
  struct MapData {};
  using Maps = MapTable<MapData>;

  void object(Address /*address*/, const Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (map.info.tag != TypeTag::kJSFunction || handles.size() >= kSamples) return;
    const ClassField* field = Layout::field(map.info.type->object_class, "dispatch_handle");
    if (field == nullptr || field->offset + sizeof(uint32_t) > size) return;
    uint32_t handle = 0;
    std::memcpy(&handle, bytes + field->offset, sizeof handle);
    handles.insert(handle);
  }
  void gap(AddressRange /*range*/, GapLabel /*label*/) {}

  std::set<uint32_t> handles;
};

}  // namespace

std::optional<DispatchTable> DispatchTable::find(const Heap& heap) {
  const auto function = heap.layout().classes.find("JSFunction");
  if (function == heap.layout().classes.end() ||
      Layout::field(&function->second, "dispatch_handle") == nullptr) {
    return {};
  }
  HandleSampler sampler;
  HandleSampler::Maps maps(heap);
  for (const HeapPage& page : heap.pages()) {
    if (sampler.handles.size() >= kSamples) break;
    PageWalker<HandleSampler>(page, maps, sampler).walk();
  }
  if (sampler.handles.empty()) return {};
  std::set<uint64_t> tried;
  for (const Isolate& isolate : heap.isolates()) {
    const Handles handles(heap.memory(), isolate);
    for (const uint64_t word : handles.isolate_words()) {
      const Address base(word);
      if (!base.is_aligned(kEntryBytes) || heap.memory().find_segment(base) == nullptr ||
          !tried.insert(word).second) {
        continue;
      }
      const DispatchTable table(heap.memory(), base);
      const bool fits =
          std::all_of(sampler.handles.begin(), sampler.handles.end(), [&](uint32_t handle) {
            const TaggedWord code = table.code(handle);
            const auto type = heap.instance_type(untag(code));
            return type && heap.layout().type(*type).name == "CODE";
          });
      if (fits) return table;
    }
  }
  return {};
}

TaggedWord DispatchTable::code(uint32_t handle) const {
  const Address entry = base_ + uint64_t{handle >> kHandleShift} * kEntryBytes;
  const auto word = memory_->read<uint64_t>(entry + kWordBytes, "dispatch table");
  return word ? *word >> kCodeShift | 1 : 0;
}

}  // namespace corewalk::v8
