#include "plugin/live_memory.h"

#include <algorithm>

namespace corewalk::plugin {
namespace {

constexpr uint64_t kSmallPage = 4096;

std::vector<Segment> segments_of(lldb::SBProcess& process) {
  std::vector<Segment> segments;
  lldb::SBMemoryRegionInfoList regions = process.GetMemoryRegions();
  for (uint32_t i = 0; i < regions.GetSize(); ++i) {
    lldb::SBMemoryRegionInfo region;
    if (!regions.GetMemoryRegionAtIndex(i, region) || !region.IsMapped()) continue;
    const AddressRange range{Address(region.GetRegionBase()), Address(region.GetRegionEnd())};
    // Kept in ascending order, without overlaps, whatever the server says.
    if (range.empty() || (!segments.empty() && range.begin() < segments.back().range.end()))
      continue;
    segments.push_back(
        {.range = range,
         .residency = region.IsReadable() ? Residency::kPresent : Residency::kNotInCore,
         .readable = region.IsReadable(),
         .writable = region.IsWritable(),
         .executable = region.IsExecutable(),
         .from_file = false});
  }
  return segments;
}

}  // namespace

LiveMemory::LiveMemory(const lldb::SBProcess& process)
    : process_(process), segments_(segments_of(process_)) {}

Result<ByteView> LiveMemory::view(AddressRange range) const {
  if (range.empty()) return ByteView(range.begin(), {});
  const Result<ByteView> bytes = view_prefix(range.begin(), range.size());
  if (!bytes) return bytes.fault();
  if (bytes->size() == range.size()) return bytes;
  return first_missing(range, "memory");
}

Result<ByteView> LiveMemory::view_prefix(Address start, uint64_t max_bytes) const {
  if (max_bytes == 0) return Fault{FaultKind::kOutOfBounds, start, "memory"};
  if (residency(start) != Residency::kPresent) return first_missing({start, uint64_t{1}}, "memory");
  const Address base = start.align_down(kBlockSize);
  const Block& block = block_at(base);
  for (const AddressRange& present : block.present) {
    if (!present.contains(start)) continue;
    const uint64_t size = std::min(max_bytes, present.end() - start);
    return ByteView(start, {block.bytes.data() + (start - base), size});
  }
  // The region is there, and LLDB could not read it.
  return Fault{FaultKind::kNotInCore, start, "memory"};
}

const LiveMemory::Block& LiveMemory::block_at(Address base) const {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<const Block>& block = blocks_[base];
  if (block == nullptr) block = std::make_unique<const Block>(read_block(base));
  return *block;
}

LiveMemory::Block LiveMemory::read_block(Address base) const {
  Block block;
  block.bytes.resize(kBlockSize);
  const AddressRange window(base, kBlockSize);
  auto segment = std::upper_bound(
      segments_.begin(), segments_.end(), base,
      [](Address address, const Segment& candidate) { return address < candidate.range.end(); });
  for (; segment != segments_.end() && segment->range.begin() < window.end(); ++segment) {
    if (segment->residency == Residency::kPresent) {
      read_into(block, base, segment->range.intersect(window));
    }
  }
  return block;
}

void LiveMemory::read_into(Block& block, Address base, AddressRange range) const {
  Address cursor = range.begin();
  while (cursor < range.end()) {
    lldb::SBError error;
    const size_t wanted = range.end() - cursor;
    // LLDB may report success and 0 bytes: only the count is to be believed.
    const size_t got = std::min(
        wanted,
        process_.ReadMemory(cursor.value(), block.bytes.data() + (cursor - base), wanted, error));
    if (got != 0) {
      if (!block.present.empty() && block.present.back().end() == cursor) {
        block.present.back() = {block.present.back().begin(), cursor + got};
      } else {
        block.present.emplace_back(cursor, cursor + got);
      }
    }
    if (got == wanted) return;
    cursor = (cursor + got).align_down(kSmallPage) + kSmallPage;
  }
}

}  // namespace corewalk::plugin
