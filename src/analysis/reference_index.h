#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/progress.h"
#include "v8/heap.h"
#include "v8/tagged.h"

namespace corewalk {

/// A tagged word of an object that refers to another.
struct Reference {
  Address holder;       ///< the object the word lies in
  uint64_t offset = 0;  ///< of the word in it, in bytes
  bool weak = false;    ///< does not keep its target alive
};

/// Who refers to an object: all tagged words of the heap, sorted by the 256 KiB they point into.
/// One walk over the heap builds it, four bytes a reference; a question then reads some thousands
/// of words. Left out are the map of each object and what points into read-only space: every object
/// has the one, and nearly every object the other.
///
/// Immutable once built; keeps a reference to the Heap.
class ReferenceIndex {
 public:
  /// Incomplete if `progress` was interrupted: see complete().
  [[nodiscard]] static ReferenceIndex build(const v8::Heap& heap, Progress& progress);

  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] uint64_t size() const;

  /// The references to `target`, in order of their address; at most `limit` (0: all).
  [[nodiscard]] std::vector<Reference> to(Address target, uint64_t limit) const;

 private:
  class Collector;
  friend class Collector;

  /// Word numbers of one walking thread, in lists by the granule they point into.
  struct Chunk {
    static constexpr uint32_t kNone = ~uint32_t{0};
    uint32_t next = kNone;
    uint32_t count = 0;
    std::array<uint32_t, 62> words;
  };
  struct Lists {
    static constexpr size_t kChunksPerBlock = 4096;
    explicit Lists(size_t granules) : heads(granules, Chunk::kNone) {}
    void add(uint32_t granule, uint32_t word);
    [[nodiscard]] const Chunk& chunk(uint32_t index) const {
      return (*blocks[index / kChunksPerBlock])[index % kChunksPerBlock];
    }
    [[nodiscard]] Chunk& chunk(uint32_t index) {
      return (*blocks[index / kChunksPerBlock])[index % kChunksPerBlock];
    }

    std::vector<uint32_t> heads;
    std::vector<std::unique_ptr<std::array<Chunk, kChunksPerBlock>>> blocks;
    uint32_t chunk_count = 0;
    uint64_t word_count = 0;
  };

  explicit ReferenceIndex(const v8::Heap& heap);

  static constexpr uint32_t kNotIndexed = ~uint32_t{0};
  /// The list that references to `target` are in.
  [[nodiscard]] uint32_t granule_of(Address target) const;
  [[nodiscard]] Address address_of(uint32_t word) const;
  void find_holders(std::vector<Reference>& references) const;

  const v8::Heap* heap_;
  std::vector<uint64_t> first_word_;     ///< of each page, among the words of all pages
  std::vector<uint32_t> first_granule_;  ///< of each page; kNotIndexed: read-only
  uint32_t granule_count_ = 0;
  std::vector<Lists> lists_;
  bool complete_ = true;
};

}  // namespace corewalk
