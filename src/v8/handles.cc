#include "v8/handles.h"

#include <algorithm>
#include <set>

#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

// An isolate lies in memory of malloc, whose block begins with its size; glibc keeps flags in the
// low bits. 0xb330 bytes in V8 7.8, 0x11640 in 14.6, Heap included.
constexpr uint64_t kMinIsolateBytes = 0x4000;
constexpr uint64_t kMaxIsolateBytes = 0x20000;
constexpr uint64_t kMallocFlags = 0xf;

uint64_t isolate_bytes(const AddressSpace& memory, Address isolate) {
  const auto word = memory.read<uint64_t>(isolate - kWordBytes, "size of the isolate");
  const uint64_t size = word ? *word & ~kMallocFlags : 0;
  return size >= kMinIsolateBytes && size <= kMaxIsolateBytes ? size - kWordBytes
                                                              : kMaxIsolateBytes;
}

// GlobalHandles: isolate, [a flag in V8 10,] NodeSpace. NodeSpace: GlobalHandles, first NodeBlock.
// NodeBlock: 256 nodes, the next block. Node: object, class id (2 bytes), its own index in the
// block (1), flags (1), data (8) and the callback (8).
constexpr uint64_t kNodes = 256;
constexpr uint64_t kNodeBytes = 32;
constexpr uint64_t kNodeIndex = 10;
constexpr uint64_t kNodeFlags = 11;
constexpr uint64_t kNodeStateMask = 3;  // a third bit up to V8 10 is set during a collection alone
constexpr uint64_t kNodeFree = 0;
constexpr uint64_t kNodeStrong = 1;
constexpr uint64_t kMaxBlocks = 1 << 16;

constexpr uint64_t kEternalsPerBlock = 256;
constexpr uint64_t kMaxEternals = 1 << 20;

// HandleScopeImplementer: isolate, then the blocks {data, capacity, size}.
constexpr uint64_t kHandlesPerBlock = 1022;

// It goes on with two more {data, capacity, size}: contexts that calls of the API have entered.
constexpr uint64_t kScopeLists = 3;
constexpr uint64_t kScopeListBytes = 3 * kWordBytes;

// MicrotaskQueue: vtable, size, capacity, start, ring buffer, count of those that ran, the next
// queue of this isolate and the one before: they are linked in a circle.
constexpr uint64_t kMaxMicrotasks = 1 << 24;
constexpr uint64_t kMaxQueues = 1 << 16;
constexpr uint64_t kNextQueue = 6 * kWordBytes;
constexpr uint64_t kPreviousQueue = 7 * kWordBytes;

}  // namespace

Handles::Handles(const AddressSpace& memory, const Isolate& isolate)
    : memory_(memory),
      isolate_(isolate),
      words_(read_words(isolate.address, isolate_bytes(memory, isolate.address) / kWordBytes)) {}

std::vector<uint64_t> Handles::read_words(Address start, uint64_t count) const {
  std::vector<uint64_t> words(count);
  (void)memory_.read_partial({start, count * kWordBytes},
                             std::as_writable_bytes(std::span<uint64_t>(words)));
  return words;
}

uint64_t Handles::word_at(Address place) const {
  return memory_.read<uint64_t>(place, "handles").value_or(0);
}

bool Handles::is_block(Address block) const {
  const auto bytes = memory_.view({block, kNodes * kNodeBytes});
  if (block.is_null() || !bytes) return false;
  for (uint64_t i = 0; i < kNodes; ++i) {
    if (bytes->read<uint8_t>(i * kNodeBytes + kNodeIndex, "handle").value_or(0) != i) return false;
  }
  return true;
}

Address Handles::first_global_block(Address handles) const {
  if (word_at(handles) != isolate_.address.value()) return {};
  for (const uint64_t member : {kWordBytes, 2 * kWordBytes}) {
    const Address space(word_at(handles + member));
    const Address block(word_at(space + kWordBytes));
    if (word_at(space) == handles.value() && is_block(block)) return block;
  }
  return {};
}

void Handles::visit_global_blocks(Address block, const Visit& visit) const {
  std::set<Address> seen;
  while (is_block(block) && seen.size() < kMaxBlocks && seen.insert(block).second) {
    for (uint64_t i = 0; i < kNodes; ++i) {
      const Address node = block + i * kNodeBytes;
      const auto flags = memory_.read<uint8_t>(node + kNodeFlags, "handle");
      const uint64_t state = flags ? *flags & kNodeStateMask : kNodeFree;
      if (state == kNodeFree) continue;
      visit(RootKind::kGlobalHandle, state != kNodeStrong, node, word_at(node));
    }
    block = Address(word_at(block + kNodes * kNodeBytes));
  }
}

void Handles::visit_words(RootKind kind, Address start, uint64_t count, const Visit& visit) const {
  const std::vector<uint64_t> words = read_words(start, count);
  for (uint64_t i = 0; i < count; ++i) visit(kind, false, start + i * kWordBytes, words[i]);
}

bool Handles::visit_eternal(Address handles, const Visit& visit) const {
  const uint64_t size = word_at(handles) & 0xffffffff;
  const Address begin(word_at(handles + kWordBytes));
  const Address end(word_at(handles + 2 * kWordBytes));
  const Address capacity(word_at(handles + 3 * kWordBytes));
  const uint64_t blocks = (size + kEternalsPerBlock - 1) / kEternalsPerBlock;
  if (size == 0 || size > kMaxEternals || end - begin != blocks * kWordBytes || capacity < end) {
    return false;
  }
  const std::vector<uint64_t> starts = read_words(begin, blocks);
  const bool whole = std::all_of(starts.begin(), starts.end(), [&](uint64_t start) {
    return is_strong(word_at(Address(start)));
  });
  if (!whole) return false;
  for (uint64_t i = 0; i < blocks; ++i) {
    visit_words(RootKind::kEternalHandle, Address(starts[i]),
                std::min(kEternalsPerBlock, size - i * kEternalsPerBlock), visit);
  }
  return true;
}

/// Where the handles of the innermost scope end, if `block` is the block it writes to: the isolate
/// keeps {next, limit}, both in that block. Null if it does not write there.
Address Handles::end_of_open_block(Address block) const {
  const AddressRange range(block, kHandlesPerBlock * kWordBytes + 1);
  for (size_t i = 0; i + 1 < words_.size(); ++i) {
    const Address next(words_[i]);
    const Address limit(words_[i + 1]);
    if (range.contains(next) && range.contains(limit) && next <= limit) return next;
  }
  return {};
}

bool Handles::visit_scopes(Address implementer, const Visit& visit) const {
  if (word_at(implementer) != isolate_.address.value()) return false;
  const Address data(word_at(implementer + kWordBytes));
  const uint64_t capacity = word_at(implementer + 2 * kWordBytes);
  const uint64_t size = word_at(implementer + 3 * kWordBytes);
  if (size == 0 || size > capacity || capacity > kMaxBlocks) return false;
  const std::vector<uint64_t> blocks = read_words(data, size);
  const Address last(blocks.back());
  const Address end = end_of_open_block(last);
  if (end.is_null()) return false;
  for (const uint64_t block : std::span(blocks).first(size - 1)) {
    visit_words(RootKind::kHandleScope, Address(block), kHandlesPerBlock, visit);
  }
  visit_words(RootKind::kHandleScope, last, (end - last) / kWordBytes, visit);
  visit_contexts(implementer, visit);
  return true;
}

// Up to 12 a list of bytes stands between the two; all lists are told by what is in them.
void Handles::visit_contexts(Address implementer, const Visit& visit) const {
  for (uint64_t list = 1; list <= kScopeLists; ++list) {
    const Address place = implementer + kWordBytes + list * kScopeListBytes;
    const Address data(word_at(place));
    const uint64_t capacity = word_at(place + kWordBytes);
    const uint64_t size = word_at(place + 2 * kWordBytes);
    if (size == 0 || size > capacity || capacity > kMaxBlocks) continue;
    const std::vector<uint64_t> contexts = read_words(data, size);
    if (!std::all_of(contexts.begin(), contexts.end(), is_strong)) continue;
    visit_words(RootKind::kHandleScope, data, size, visit);
  }
}

void Handles::visit_queue(Address queue, const Visit& visit) const {
  const uint64_t size = word_at(queue + kWordBytes);
  const uint64_t capacity = word_at(queue + 2 * kWordBytes);
  const uint64_t start = word_at(queue + 3 * kWordBytes);
  const Address ring(word_at(queue + 4 * kWordBytes));
  if (size > capacity || capacity > kMaxMicrotasks || start >= std::max<uint64_t>(capacity, 1)) {
    return;
  }
  for (uint64_t i = 0; i < size; ++i) {
    const Address place = ring + (start + i) % capacity * kWordBytes;
    visit(RootKind::kMicrotaskQueue, false, place, word_at(place));
  }
}

bool Handles::is_queue(Address queue) const {
  const uint64_t size = word_at(queue + kWordBytes);
  const uint64_t capacity = word_at(queue + 2 * kWordBytes);
  const uint64_t start = word_at(queue + 3 * kWordBytes);
  const bool has_ring = word_at(queue + 4 * kWordBytes) != 0;
  const Address next(word_at(queue + kNextQueue));
  const Address previous(word_at(queue + kPreviousQueue));
  return size <= capacity && capacity <= kMaxMicrotasks && has_ring == (capacity != 0) &&
         start <= capacity && next.is_aligned(kWordBytes) && !next.is_null() &&
         !previous.is_null() && word_at(next + kPreviousQueue) == queue.value() &&
         word_at(previous + kNextQueue) == queue.value() && word_at(next) == word_at(queue);
}

bool Handles::visit_microtasks(Address queue, const Visit& visit) const {
  std::set<Address> seen;
  while (is_queue(queue) && seen.size() < kMaxQueues && seen.insert(queue).second) {
    visit_queue(queue, visit);
    queue = Address(word_at(queue + kNextQueue));
  }
  return !seen.empty();
}

void Handles::for_each(const Visit& visit) const {
  std::set<Address> seen;
  bool has_globals = false;
  bool has_eternals = false;
  bool has_scopes = false;
  bool has_microtasks = false;
  for (const uint64_t word : words_) {
    const Address target(word);
    if (!target.is_aligned(kWordBytes) || memory_.find_segment(target) == nullptr ||
        !seen.insert(target).second) {
      continue;
    }
    if (!has_globals) {
      const Address block = first_global_block(target);
      has_globals = !block.is_null();
      if (has_globals) visit_global_blocks(block, visit);
    }
    if (!has_scopes) has_scopes = visit_scopes(target, visit);
    if (!has_eternals) has_eternals = visit_eternal(target, visit);
    if (!has_microtasks) has_microtasks = visit_microtasks(target, visit);
  }
}

}  // namespace corewalk::v8
