#include "v8/size_calibration.h"

#include <fmt/format.h>

#include "v8/layout_parser.h"
#include "v8/page_walker.h"

namespace corewalk::v8 {
namespace {

/// Enough pages for every rule to be used; a few milliseconds.
constexpr size_t kSampledPages = 24;

struct DamageCounter {
  struct MapData {};
  uint64_t damaged_bytes = 0;

  void object(Address, MapTable<MapData>::Entry&, uint64_t, const std::byte*) {}
  void gap(AddressRange range, GapLabel label) {
    if (label == GapLabel::kDamaged) damaged_bytes += range.size();
  }
};

uint64_t damage_of_sample(const Heap& heap) {
  DamageCounter counter;
  PageWalker<DamageCounter>::Maps maps(heap);
  size_t walked = 0;
  for (const HeapPage& page : heap.pages()) {
    if (page.large || page.unswept || page.bytes.size() == 0) continue;
    if (++walked > kSampledPages) break;
    PageWalker<DamageCounter>(page, maps, counter).walk();
  }
  return counter.damaged_bytes;
}

void swap_rule(Layout& layout, std::string_view type, SizeRule& rule) {
  SizeRule& current = layout.size_rules[std::string(type)];
  std::swap(current, rule);
  LayoutAccess::resolve(layout);
}

}  // namespace

std::vector<std::string> calibrate_sizes(Layout& layout, const Heap& heap) {
  std::vector<std::string> notes;
  if (heap.isolates().empty() || layout.size_alternatives.empty()) return notes;
  uint64_t damage = damage_of_sample(heap);
  for (auto& [type, rule] : layout.size_alternatives) {
    if (damage == 0) break;
    swap_rule(layout, type, rule);
    const uint64_t with_alternative = damage_of_sample(heap);
    if (with_alternative < damage) {
      damage = with_alternative;
      notes.push_back(fmt::format("size of {}: this process goes by the alternative rule of {}",
                                  type, layout.source));
    } else {
      swap_rule(layout, type, rule);
    }
  }
  return notes;
}

}  // namespace corewalk::v8
