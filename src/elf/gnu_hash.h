#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "elf/byte_cursor.h"

namespace corewalk {

/// DT_GNU_HASH, decoded: a Bloom filter, which we do not need, buckets, and chains of hash values
/// that run parallel to the symbol table.
class GnuHash {
 public:
  /// Nothing if `bytes` do not hold the header and all buckets. What follows them may be shorter or
  /// longer than the chains. Does not own the bytes.
  static std::optional<GnuHash> parse(std::span<const std::byte> bytes) {
    GnuHash hash;
    ByteCursor cursor(bytes);
    const auto bucket_count = cursor.read<uint32_t>();
    const auto first_symbol = cursor.read<uint32_t>();
    const auto bloom_words = cursor.read<uint32_t>();
    const auto bloom_shift = cursor.read<uint32_t>();
    if (!bucket_count || !first_symbol || !bloom_words || !bloom_shift) return std::nullopt;
    if (*bucket_count == 0 || !cursor.take(uint64_t{*bloom_words} * sizeof(uint64_t))) {
      return std::nullopt;
    }
    const auto buckets = cursor.take(uint64_t{*bucket_count} * sizeof(uint32_t));
    if (!buckets) return std::nullopt;
    hash.bucket_count_ = *bucket_count;
    hash.first_symbol_ = *first_symbol;
    hash.buckets_ = *buckets;
    hash.chains_ = bytes.subspan(cursor.position());
    return hash;
  }

  /// Calls `visit(symbol index)` for each symbol whose hash is that of `name`, until it returns
  /// true.
  template <class Visit>
  void each_candidate(std::string_view name, Visit visit) const {
    uint32_t hash = 5381;
    for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    uint64_t index = bucket(hash % bucket_count_);
    if (index < first_symbol_) return;
    while (const auto value = chain(index)) {
      if ((*value | 1U) == (hash | 1U) && visit(index)) return;
      if ((*value & 1U) != 0) return;
      ++index;
    }
  }

  /// Number of entries of the symbol table: the end of the last chain. Nothing if it is not there.
  [[nodiscard]] std::optional<uint64_t> symbol_count() const {
    uint64_t last = 0;
    for (uint32_t i = 0; i < bucket_count_; ++i) last = std::max<uint64_t>(last, bucket(i));
    if (last < first_symbol_) return first_symbol_;
    while (const auto value = chain(last)) {
      ++last;
      if ((*value & 1U) != 0) return last;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] uint32_t bucket(uint32_t index) const {
    return read_at<uint32_t>(buckets_, uint64_t{index} * sizeof(uint32_t)).value_or(0);
  }
  [[nodiscard]] std::optional<uint32_t> chain(uint64_t symbol) const {
    return read_at<uint32_t>(chains_, (symbol - first_symbol_) * sizeof(uint32_t));
  }

  uint32_t bucket_count_ = 1;
  uint32_t first_symbol_ = 0;
  std::span<const std::byte> buckets_;
  std::span<const std::byte> chains_;
};

}  // namespace corewalk
