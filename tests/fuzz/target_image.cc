#include "fuzz/target_image.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "elf/process_image.h"
#include "fuzz/examine.h"
#include "node/process_object.h"
#include "session/target_layout.h"
#include "support/sample_heap.h"

namespace corewalk::fuzz {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr Address kConstants{0x400000};
/// So many pages of each space of the heap are kept, those in the middle: more of the same finds
/// nothing that a mutation of these does not, and costs time.
constexpr size_t kPagesPerSpace = 2;

/// Passes everything on, and remembers which pages were asked for.
class RecordingMemory final : public AddressSpace {
 public:
  explicit RecordingMemory(const AddressSpace& memory) : memory_(memory) {}

  [[nodiscard]] Result<ByteView> view(AddressRange range) const override {
    return keep(memory_.view(range));
  }
  [[nodiscard]] Result<ByteView> view_prefix(Address start, uint64_t max_bytes) const override {
    return keep(memory_.view_prefix(start, max_bytes));
  }
  [[nodiscard]] std::span<const Segment> segments() const override { return memory_.segments(); }
  [[nodiscard]] std::set<Address> pages() const {
    const std::lock_guard lock(mutex_);
    return pages_;
  }

 private:
  Result<ByteView> keep(Result<ByteView> view) const {
    if (!view || view->size() == 0) return view;
    const std::lock_guard lock(mutex_);
    for (Address page = view->base().align_down(kPageBytes); page < view->range().end();
         page = page + kPageBytes) {
      pages_.insert(page);
    }
    return view;
  }

  const AddressSpace& memory_;
  mutable std::mutex mutex_;
  mutable std::set<Address> pages_;
};

/// Passes on to symbols that live elsewhere.
class ForwardingSymbols final : public SymbolSource {
 public:
  explicit ForwardingSymbols(const SymbolSource& symbols) : symbols_(symbols) {}
  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override {
    return symbols_.find(name);
  }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view prefix) const override {
    return symbols_.with_prefix(prefix);
  }
  [[nodiscard]] bool has_full_symbols() const override { return symbols_.has_full_symbols(); }

 private:
  const SymbolSource& symbols_;
};

/// A fixed list of symbols, ascending by name.
class ListedSymbols final : public SymbolSource {
 public:
  explicit ListedSymbols(const std::vector<TargetImage::NamedAddress>& list) {
    for (const auto& entry : list) {
      symbols_.push_back({entry.name, entry.address, entry.size_bytes});
    }
  }
  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override {
    const auto found = with_prefix(name);
    return found.empty() || found.front().name != name ? std::nullopt
                                                       : std::optional(found.front());
  }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view prefix) const override {
    const auto first = std::partition_point(symbols_.begin(), symbols_.end(),
                                            [&](const Symbol& s) { return s.name < prefix; });
    const auto last = std::partition_point(
        first, symbols_.end(), [&](const Symbol& s) { return s.name.starts_with(prefix); });
    return {first, last};
  }
  [[nodiscard]] bool has_full_symbols() const override { return false; }

 private:
  std::vector<Symbol> symbols_;
};

/// Chunks of heap pages to be left out: all but some of each space. Read-only pages and the one
/// with the `process` object stay.
std::vector<AddressRange> surplus_pages(const AddressSpace& memory, const SymbolSource& symbols) {
  NoProgress progress;
  const TargetLayout target = find_target_layout(memory, symbols, {}, progress);
  const auto process =
      read_process_object(*target.heap, progress).process_object.value_or(Address());
  std::map<std::pair<v8::IsolateIndex, uint32_t>, std::vector<const v8::HeapPage*>> spaces;
  for (const v8::HeapPage& page : target.heap->pages()) {
    if (!page.read_only) spaces[{page.isolate, page.space}].push_back(&page);
  }
  std::vector<AddressRange> surplus;
  for (const auto& [space, pages] : spaces) {
    const size_t first = pages.size() > kPagesPerSpace ? (pages.size() - kPagesPerSpace) / 2 : 0;
    for (size_t i = 0; i < pages.size(); ++i) {
      const bool wanted = i >= first && i < first + kPagesPerSpace;
      if (wanted || pages[i]->area.contains(process)) continue;
      surplus.emplace_back(pages[i]->chunk, pages[i]->area.end());
    }
  }
  return surplus;
}

constexpr std::string_view kVersionSymbols[] = {
    "_ZN2v88internal7Version6build_E", "_ZN2v88internal7Version6major_E",
    "_ZN2v88internal7Version6minor_E", "_ZN2v88internal7Version6patch_E"};

}  // namespace

TargetImage TargetImage::of_sample(size_t layout_index) {
  const v8::Layout& layout = *test::all_layouts()[layout_index];
  test::HeapBuilder build(layout);
  test::add_sample_objects(build);
  const auto memory = build.memory();
  TargetImage image;
  for (const auto& [address, bytes] : build.blocks()) {
    image.add_region(*memory->find_segment(address), bytes);
  }
  const size_t dot = layout.version.find('.');
  const int32_t numbers[] = {0, std::stoi(layout.version),
                             std::stoi(layout.version.substr(dot + 1)), 0};
  const Segment constants = {.range = {kConstants, uint64_t{sizeof numbers}},
                             .residency = Residency::kPresent,
                             .readable = true,
                             .from_file = true};
  test::ByteWriter bytes;
  for (size_t i = 0; i < std::size(numbers); ++i) {
    bytes.put(numbers[i]);
    image.symbols_.push_back(
        {std::string(kVersionSymbols[i]), kConstants + i * sizeof(int32_t), 4});
  }
  image.add_region(constants, bytes.take());
  return image;
}

TargetImage TargetImage::of_core(const std::filesystem::path& core) {
  NoProgress progress;
  const ProcessImage process = ProcessImage::open(core, BinarySearch::from_environment());
  auto recording = std::make_unique<RecordingMemory>(process.memory());
  const RecordingMemory& recorded = *recording;
  ProcessInfo threads;  // and no files: those of a machine are no part of an image
  threads.machine = process.info().machine;
  threads.pid = process.info().pid;
  threads.threads = process.info().threads;
  const auto session =
      Session::open(HostTarget{.memory = std::move(recording),
                               .symbols = std::make_unique<ForwardingSymbols>(process.symbols()),
                               .process = threads},
                    {}, progress);
  examine(*session, progress);

  TargetImage image;
  image.process_ = std::move(threads);
  image.add_symbols(process.symbols());
  const auto surplus = surplus_pages(process.memory(), process.symbols());
  const auto is_surplus = [&](Address page) {
    return std::any_of(surplus.begin(), surplus.end(),
                       [&](const AddressRange& range) { return range.contains(page); });
  };
  std::map<Address, test::Bytes> runs;  // pages that follow each other in one segment
  for (const Address page : recorded.pages()) {
    if (is_surplus(page)) continue;
    test::Bytes bytes(kPageBytes);
    (void)process.memory().read_partial({page, kPageBytes}, bytes);
    const auto before = runs.empty() ? runs.end() : std::prev(runs.end());
    const bool goes_on =
        before != runs.end() && before->first + before->second.size() == page &&
        process.memory().find_segment(before->first) == process.memory().find_segment(page);
    test::Bytes& run = goes_on ? before->second : runs[page];
    run.insert(run.end(), bytes.begin(), bytes.end());
  }
  for (auto& [address, bytes] : runs) {
    Segment segment = *process.memory().find_segment(address);
    segment.range = {address, bytes.size()};
    image.add_region(segment, std::move(bytes));
  }
  return image;
}

void TargetImage::add_region(const Segment& segment, test::Bytes bytes) {
  if (segment.from_file) {
    file_regions_.push_back({segment, std::move(bytes)});
    return;
  }
  offsets_.push_back(size_bytes_);
  size_bytes_ += bytes.size();
  regions_.push_back({segment, std::move(bytes)});
}

void TargetImage::add_symbols(const SymbolSource& symbols) {
  const auto add = [&](const Symbol& symbol) {
    symbols_.push_back({std::string(symbol.name), symbol.address, symbol.size_bytes});
  };
  for (const std::string_view name : kVersionSymbols) {
    if (const auto symbol = symbols.find(name)) add(*symbol);
  }
  if (const auto names = symbols.find("_ZN2v88internal10RootsTable11root_names_E")) add(*names);
  for (const Symbol& symbol : symbols.with_prefix("v8dbg_")) add(symbol);
  std::sort(symbols_.begin(), symbols_.end(),
            [](const NamedAddress& a, const NamedAddress& b) { return a.name < b.name; });
}

std::span<std::byte> TargetImage::from(uint64_t offset) {
  const auto after = std::upper_bound(offsets_.begin(), offsets_.end(), offset);
  const auto index = static_cast<size_t>(after - offsets_.begin()) - 1;
  return std::span(regions_[index].bytes).subspan(offset - offsets_[index]);
}

std::unique_ptr<Session> TargetImage::open(uint64_t cut, std::span<const uint64_t> holes,
                                           bool force, Progress& progress) const {
  std::vector<SegmentedMemory::Piece> pieces;
  for (const Region& region : file_regions_)
    pieces.push_back({region.segment, region.bytes.data()});
  const auto add_missing = [&](AddressRange range, Residency why) {
    Segment segment{.range = range, .residency = why, .readable = true, .writable = true};
    pieces.push_back({segment, nullptr});
  };
  for (size_t i = 0; i < regions_.size(); ++i) {
    pieces.push_back({regions_[i].segment, regions_[i].bytes.data()});
    const AddressRange range = regions_[i].segment.range;
    const uint64_t end = offsets_[i] + range.size();
    if (end > cut) {
      const uint64_t kept = cut > offsets_[i] ? cut - offsets_[i] : 0;
      add_missing({range.begin() + kept, range.end()}, Residency::kTruncated);
    }
    for (const uint64_t hole : holes) {
      if (hole < offsets_[i] || hole >= end) continue;
      const Address page = (range.begin() + (hole - offsets_[i])).align_down(kPageBytes);
      add_missing(AddressRange(page, kPageBytes).intersect(range), Residency::kNotInCore);
    }
  }
  SessionOptions options;
  options.force = force;
  return Session::open(HostTarget{.memory = std::make_unique<SegmentedMemory>(pieces),
                                  .symbols = std::make_unique<ListedSymbols>(symbols_),
                                  .process = process_},
                       options, progress);
}

}  // namespace corewalk::fuzz
