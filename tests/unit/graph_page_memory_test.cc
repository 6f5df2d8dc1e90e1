// Arrays whose memory comes from arrays that went before.

#include <cstdint>
#include <thread>
#include <vector>

#include "graph/flat_array.h"
#include "support/catch.h"

namespace corewalk {
namespace {

constexpr size_t kMega = size_t{1} << 20;

FlatArray<uint64_t> numbered(size_t bytes, uint64_t first) {
  FlatArray<uint64_t> array(bytes / sizeof(uint64_t));
  for (size_t i = 0; i < array.size(); ++i) array[i] = first + i;
  return array;
}

bool is_numbered(const FlatArray<uint64_t>& array, uint64_t first) {
  for (size_t i = 0; i < array.size(); ++i) {
    if (array[i] != first + i) return false;
  }
  return true;
}

TEST_CASE("arrays in kept memory are whole and apart", "[graph][page_memory]") {
  const PageMemory::Keep keep;
  FlatArray<uint64_t> stays = numbered(7 * kMega, 1);
  for (uint64_t round = 0; round < 5; ++round) {
    // What goes is in pieces of other sizes than what comes, not all of whole pages.
    { const FlatArray<uint64_t> small = numbered((5 + round) * kMega + 8, round); }
    { const FlatArray<uint64_t> large = numbered(23 * kMega + 4096, round); }
    const FlatArray<uint64_t> next = numbered((9 + 7 * round) * kMega, round << 32);
    const FlatArray<uint64_t> after = numbered(4 * kMega, round << 40);
    CHECK(is_numbered(next, round << 32));
    CHECK(is_numbered(after, round << 40));
    CHECK(is_numbered(stays, 1));
  }
}

TEST_CASE("threads share kept memory", "[graph][page_memory]") {
  const PageMemory::Keep keep;
  std::vector<int> whole(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < whole.size(); ++i) {
    threads.emplace_back([&whole, i] {
      whole[i] = 1;
      for (uint64_t round = 0; round < 20; ++round) {
        const auto array = numbered((4 + (round + i) % 5) * kMega, i << 40 | round << 32);
        if (!is_numbered(array, i << 40 | round << 32)) whole[i] = 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(whole == std::vector<int>{1, 1, 1, 1});
}

TEST_CASE("memory outlives those who keep it", "[graph][page_memory]") {
  FlatArray<uint64_t> array;
  {
    const PageMemory::Keep keep;
    { const FlatArray<uint64_t> before = numbered(8 * kMega, 3); }
    array = numbered(8 * kMega, 5);
  }
  CHECK(is_numbered(array, 5));
}

}  // namespace
}  // namespace corewalk
