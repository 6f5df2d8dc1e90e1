#include "v8/isolate_finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "v8/root_maps.h"

namespace corewalk::v8 {
namespace {

/// The heap lies this far into its isolate at most (0x92d8 to 0xf3c0 in V8 7.8 to 14.6).
constexpr uint64_t kMaxHeapOffset = 0x40000;

}  // namespace

IsolateFinder::IsolateFinder(const AddressSpace& memory, const Layout& layout)
    : memory_(memory), layout_(layout) {
  if (const auto index = layout.root("meta_map")) meta_map_offset_ = *index * kWordBytes;
}

std::optional<Isolate> IsolateFinder::find(Address heap, std::string& reason) const {
  const Isolate expected = isolate_with_roots(
      heap, heap - layout_.isolate.heap.offset() + layout_.isolate.roots.offset());
  if (points_to_itself(expected) && is_roots_table(expected.roots)) return expected;
  const std::optional<Isolate> found = search(heap);
  if (!found) {
    reason = "no roots table as this layout has it lies before it";
    return {};
  }
  if (!points_to_itself(*found)) {
    reason = "the isolate's pointer to itself is wrong";
    return {};
  }
  return found;
}

Isolate IsolateFinder::isolate_with_roots(Address heap, Address roots) const {
  Isolate isolate;
  isolate.heap = heap;
  isolate.roots = roots;
  isolate.address = roots - layout_.isolate.roots.offset();
  return isolate;
}

std::optional<Isolate> IsolateFinder::search(Address heap) const {
  if (!meta_map_offset_ || heap.value() < kMaxHeapOffset) return {};
  for (Address roots = heap - kWordBytes; roots > heap - kMaxHeapOffset;
       roots = roots - kWordBytes) {
    if (is_roots_table(roots)) return isolate_with_roots(heap, roots);
  }
  return {};
}

bool IsolateFinder::points_to_itself(const Isolate& isolate) const {
  if (!layout_.isolate.self.present()) return true;
  const auto self = memory_.read<uint64_t>(isolate.address + layout_.isolate.self.offset());
  return self && *self == isolate.address.value();
}

bool IsolateFinder::is_roots_table(Address roots) const {
  if (!meta_map_offset_) return false;
  const auto meta_map = memory_.read<TaggedWord>(roots + *meta_map_offset_);
  if (!meta_map || !is_strong(*meta_map) ||
      memory_.read<TaggedWord>(untag(*meta_map)).value_or(0) != *meta_map) {
    return false;
  }
  return std::all_of(std::begin(kRootMaps), std::end(kRootMaps), [&](const RootMap& expected) {
    const auto index = layout_.root(expected.root);
    const auto word = index ? memory_.read<TaggedWord>(roots + *index * kWordBytes)
                            : Result<TaggedWord>(TaggedWord{0});
    return word && is_map_of_type(*word, expected.type);
  });
}

bool IsolateFinder::is_map_of_type(TaggedWord word, std::string_view type) const {
  if (!is_strong(word)) return false;
  const auto number = memory_.read<uint16_t>(untag(word) + layout_.map.instance_type.offset());
  return number && layout_.type(*number).name == type;
}

std::string calibration_note(const Heap& heap) {
  if (heap.isolates().empty()) return {};
  const Isolate& isolate = heap.isolates().front();
  const uint64_t stated = heap.layout().isolate.heap.offset();
  const uint64_t found = isolate.heap - isolate.address;
  if (found == stated) return {};
  return fmt::format("Isolate.heap: {} says {:#x}, the roots table of this process says {:#x}",
                     heap.layout().source, stated, found);
}

}  // namespace corewalk::v8
