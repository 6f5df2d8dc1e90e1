#include "graph/page_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace corewalk {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;

constexpr size_t kMostKept = 4096;

/// What was released, in whole huge pages.
struct Kept {
  std::byte* begin;
  size_t bytes;
};

struct Pool {
  std::mutex mutex;
  size_t keepers = 0;
  std::vector<Kept> kept;
};

Pool& pool() {
  static Pool pool;
  return pool;
}

/// A mapping that begins where a huge page may.
std::byte* map_aligned(size_t bytes) {
  const size_t whole = bytes + kHugePageBytes;
  void* mapping =
      ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(mapping);
  void* place = begin;
  size_t room = whole;
  std::align(kHugePageBytes, bytes, place, room);
  auto* data = static_cast<std::byte*>(place);
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::byte* end = data + (bytes + page - 1) / page * page;
  if (data > begin) (void)::munmap(begin, static_cast<size_t>(data - begin));
  if (end < begin + whole) (void)::munmap(end, static_cast<size_t>(begin + whole - end));
#ifdef MADV_HUGEPAGE
  (void)::madvise(data, bytes, MADV_HUGEPAGE);  // a wish: all works without
#endif
  return data;
}

/// Puts kept pages in the place of those of a mapping, from its start on, as many as there are: the
/// system moves pages without touching what is in them. False if it would not.
bool move_kept(std::byte* data, size_t bytes) {
#ifdef MREMAP_FIXED
  const std::scoped_lock lock(pool().mutex);
  auto& kept = pool().kept;
  for (size_t left = bytes / kHugePageBytes * kHugePageBytes; left > 0 && !kept.empty();) {
    Kept& last = kept.back();
    const size_t taken = std::min(last.bytes, left);
    last.bytes -= taken;
    if (::mremap(last.begin + last.bytes, taken, taken, MREMAP_MAYMOVE | MREMAP_FIXED, data) ==
        MAP_FAILED) {
      return false;
    }
    data += taken;
    left -= taken;
    if (last.bytes == 0) kept.pop_back();
  }
#else
  (void)data;
  (void)bytes;
#endif
  return true;
}

}  // namespace

void* PageMemory::allocate(size_t bytes) {
  std::byte* data = map_aligned(bytes);
  if (!move_kept(data, bytes)) {
    (void)::munmap(data, bytes);
    throw std::bad_alloc();
  }
  return data;
}

void PageMemory::release(void* data, size_t bytes) {
  auto* begin = static_cast<std::byte*>(data);
  size_t kept_bytes = 0;
#ifdef MREMAP_FIXED
  const std::scoped_lock lock(pool().mutex);
  if (pool().keepers > 0 && pool().kept.size() < kMostKept) {
    kept_bytes = bytes / kHugePageBytes * kHugePageBytes;
    pool().kept.push_back({begin, kept_bytes});
  }
#endif
  if (bytes > kept_bytes) (void)::munmap(begin + kept_bytes, bytes - kept_bytes);
}

PageMemory::Keep::Keep() {
  const std::scoped_lock lock(pool().mutex);
  ++pool().keepers;
  pool().kept.reserve(kMostKept);  // a release must not fail
}

PageMemory::Keep::~Keep() {
  const std::scoped_lock lock(pool().mutex);
  if (--pool().keepers > 0) return;
  for (const Kept& kept : pool().kept) (void)::munmap(kept.begin, kept.bytes);
  pool().kept = {};
}

}  // namespace corewalk
