#include "v8/unfinished_gc.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace corewalk::v8 {
namespace {

constexpr uint64_t kBitsPerByte = 8;

/// True if a word can be the untagged address that stands where the map of a moved object was.
bool may_be_forwarding(TaggedWord word) { return word != 0 && word % kWordBytes == 0; }

}  // namespace

void UnfinishedGc::settle() {
  for (const Isolate& isolate : heap_.isolates()) {
    if (isolate.gc_state != GcState::kNotInGc) settle(isolate);
  }
}

void UnfinishedGc::settle(const Isolate& isolate) {
  const auto each_page = [&](auto&& visit) {
    for (HeapPage& page : pages_) {
      if (page.isolate == isolate.index && page.bytes.size() == page.area.size()) visit(page);
    }
  };
  gives_away_.assign(pages_.size(), false);
  each_page([&](HeapPage& page) { show_unmoved(page, isolate.gc_state); });
  each_page([&](HeapPage& page) { note_moves(page); });
  if (std::find(gives_away_.begin(), gives_away_.end(), true) == gives_away_.end()) return;
  each_page([&](HeapPage& page) { mend(page); });
}

void UnfinishedGc::show_unmoved(HeapPage& page, GcState state) const {
  if (page.large || (page.flags & heap_.layout().page_flags.from_page) == 0) return;
  if (state == GcState::kMarkCompact) {
    page.marks = marking_bitmap(page);
    if (page.marks.empty()) return;
  } else {
    page.unswept = true;
  }
  page.unformatted.clear();
}

std::vector<std::byte> UnfinishedGc::marking_bitmap(const HeapPage& page) const {
  const PageFields& fields = heap_.layout().page;
  std::optional<Address> begin;
  if (fields.marking_bitmap.present()) {
    begin = page.metadata + fields.marking_bitmap.offset();
  } else if (fields.marking_bitmap_pointer.present()) {
    const auto word = heap_.memory().read<uint64_t>(
        page.metadata + fields.marking_bitmap_pointer.offset(), "marking bitmap");
    if (word) begin = Address(*word);
  }
  if (!begin) return {};
  const uint64_t size = (page.area.end() - page.chunk) / kWordBytes / kBitsPerByte;
  const auto bytes = heap_.memory().view({*begin, *begin + size});
  if (!bytes) return {};
  return {bytes->data(), bytes->data() + bytes->size()};
}

// The areas that copies are allocated in are known to the collector's threads alone: what lies
// behind the last copy is garbage of before.
void UnfinishedGc::note_moves(const HeapPage& page) {
  for (uint64_t at = 0; at + kWordBytes <= page.bytes.size(); at += kWordBytes) {
    if (!may_be_forwarding(*page.bytes.read<TaggedWord>(at, "page"))) continue;
    const Address place = page.area.begin() + at;
    const Address copy = heap_.moved_to(place);
    if (copy == place) continue;
    gives_away_[heap_.page_table().find(place)] = true;
    pages_[heap_.page_table().find(copy)].unswept = true;
  }
}

void UnfinishedGc::mend(HeapPage& page) const {
  for (uint64_t at = 0; at + kWordBytes <= page.bytes.size(); at += kWordBytes) {
    const auto better = mended(*page.bytes.read<TaggedWord>(at, "page"));
    if (!better) continue;
    if (page.copy == nullptr) {
      page.copy = std::make_shared<std::vector<std::byte>>(page.bytes.data(),
                                                           page.bytes.data() + page.bytes.size());
      page.bytes = ByteView(page.area.begin(), *page.copy);
    }
    std::memcpy(page.copy->data() + at, &*better, sizeof *better);
  }
}

std::optional<TaggedWord> UnfinishedGc::mended(TaggedWord word) const {
  if (is_smi(word)) return {};
  const Address target = untag(word);
  const uint32_t page = heap_.page_table().find(target);
  if (page == PageTable::kNone || !gives_away_[page] || !target.is_aligned(kWordBytes)) return {};
  const Address copy = heap_.moved_to(target);
  if (copy == target) return {};
  return copy.value() | word % kWordBytes;
}

}  // namespace corewalk::v8
