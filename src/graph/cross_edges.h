#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/flat_array.h"

namespace corewalk {

/// Edges from higher to lower numbers, to be read back by descending target. They lie in buckets by
/// the high bits of the target; a bucket is unpacked and sorted, in the cache, when its turn comes.
/// Packed, an edge takes three to four bytes: a search depth first adds edges whose sources are
/// near one another.
class CrossEdges {
 public:
  explicit CrossEdges(size_t number_count)
      : slab_bytes_(std::clamp(number_count * 2, kMinSlabBytes, kMaxSlabBytes)),
        buckets_((number_count >> kBucketBits) + 1) {}

  void add(uint32_t from, uint32_t to) {
    Bucket& bucket = buckets_[to >> kBucketBits];
    if (bucket.room < kMaxEdgeBytes) start_chunk(bucket);
    uint8_t* at = bucket.chunks.back() + (kChunkBytes - bucket.room);
    const uint8_t* begin = at;
    const uint32_t low = to & (kTargetsPerBucket - 1);
    *at++ = static_cast<uint8_t>(low);
    *at++ = static_cast<uint8_t>(low >> 8);
    // The difference to the source before, its sign in the lowest bit, seven bits a byte.
    const int64_t difference = int64_t{from} - bucket.last_from;
    auto rest = static_cast<uint64_t>(difference < 0 ? -2 * difference - 1 : 2 * difference);
    for (; rest >= 0x80; rest >>= 7) *at++ = static_cast<uint8_t>(rest | 0x80);
    *at++ = static_cast<uint8_t>(rest);
    bucket.last_from = from;
    bucket.room -= static_cast<uint32_t>(at - begin);
    ++bucket.count;
  }

  /// The sources of the edges to `target`; to be called with descending targets. Valid until the
  /// next call.
  [[nodiscard]] std::span<const uint32_t> to(uint32_t target) {
    while (sorted_bucket_ > target >> kBucketBits) sort_bucket(buckets_[--sorted_bucket_]);
    const size_t low = target & (kTargetsPerBucket - 1);
    return {sources_.data() + first_source_[low], first_source_[low + 1] - first_source_[low]};
  }

 private:
  static constexpr unsigned kBucketBits = 12;
  static constexpr uint32_t kTargetsPerBucket = 1U << kBucketBits;
  static constexpr uint32_t kChunkBytes = 1024;
  static constexpr uint32_t kMaxEdgeBytes = 2 + 5;
  static constexpr size_t kMinSlabBytes = size_t{64} << 10;
  static constexpr size_t kMaxSlabBytes = size_t{64} << 20;

  struct Bucket {
    std::vector<uint8_t*> chunks;
    uint32_t room = 0;  ///< bytes that are free in the last chunk
    uint32_t count = 0;
    uint32_t last_from = 0;
  };

  void start_chunk(Bucket& bucket) {
    // The end of a chunk that is not the last: a target that no edge has.
    if (bucket.room > 1) bucket.chunks.back()[kChunkBytes - bucket.room + 1] = kEndOfChunk;
    if (slab_room_ < kChunkBytes) {
      slabs_.emplace_back(slab_bytes_);
      slab_room_ = slab_bytes_;
    }
    bucket.chunks.push_back(slabs_.back().data() + (slab_bytes_ - slab_room_));
    slab_room_ -= kChunkBytes;
    bucket.room = kChunkBytes;
  }

  /// Calls body(from, low) for each edge of a bucket.
  template <typename Body>
  static void for_each(const Bucket& bucket, const Body& body) {
    const uint8_t* at = nullptr;
    const uint8_t* end = nullptr;
    size_t next_chunk = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i < bucket.count; ++i) {
      if (at == end || end - at < 2 || at[1] == kEndOfChunk) {
        at = bucket.chunks[next_chunk++];
        end = at + kChunkBytes;
      }
      const auto low = static_cast<uint32_t>(at[0] | at[1] << 8);
      at += 2;
      uint64_t coded = 0;
      for (unsigned shift = 0; true; shift += 7) {
        coded |= uint64_t{*at & 0x7FU} << shift;
        if ((*at++ & 0x80) == 0) break;
      }
      const auto half = static_cast<uint32_t>(coded >> 1);
      from = (coded & 1) != 0 ? from - half - 1 : from + half;
      body(from, low);
    }
  }

  void sort_bucket(Bucket& bucket) {
    first_source_.assign(kTargetsPerBucket + 1, 0);
    for_each(bucket, [&](uint32_t, uint32_t low) { ++first_source_[low]; });
    uint32_t total = 0;
    for (uint32_t& first : first_source_) first = total += first;  // the end of each, for now
    sources_ = FlatArray<uint32_t>(total);
    for_each(bucket, [&](uint32_t from, uint32_t low) { sources_[--first_source_[low]] = from; });
  }

  static constexpr uint8_t kEndOfChunk = 0xFF;
  static_assert(kEndOfChunk > (kTargetsPerBucket - 1) >> 8);

  size_t slab_bytes_;
  std::vector<FlatArray<uint8_t>> slabs_;
  size_t slab_room_ = 0;
  std::vector<Bucket> buckets_;
  size_t sorted_bucket_ = buckets_.size();
  std::vector<uint32_t> first_source_;
  FlatArray<uint32_t> sources_;
};

}  // namespace corewalk
