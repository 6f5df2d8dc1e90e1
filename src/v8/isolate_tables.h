#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "v8/heap.h"
#include "v8/root_category.h"

namespace corewalk::v8 {

/// What one isolate itself refers to, besides its handles: its roots table, its builtins, the
/// caches of the deserializer, ... Their offsets move with every release, so they are found by
/// their shape among the words of the isolate (the classes named below, V8 7.8 to 15.0). A table
/// that does not look as it should has no roots here.
class IsolateTables {
 public:
  /// `words`: those of the isolate, from its start.
  IsolateTables(const Heap& heap, const Isolate& isolate, std::span<const uint64_t> words);

  /// Calls `visit(category, number, place, word)` for each word of the tables, in V8's order in
  /// each category; `number` is that of the builtin plus 1, else 0. Smis are left out.
  using Visit = std::function<void(RootCategory, uint32_t, Address, TaggedWord)>;
  void for_each(const Visit& visit) const;

 private:
  /// std::vector: begin, end, end of the capacity.
  struct Vector {
    Address begin;
    uint64_t count = 0;
  };

  [[nodiscard]] uint64_t word_at(Address place) const;
  [[nodiscard]] bool is_object(TaggedWord word) const;
  [[nodiscard]] bool in_roots_table(size_t index) const;
  [[nodiscard]] std::optional<Vector> vector_at(Address place) const;
  [[nodiscard]] std::vector<uint64_t> read_words(Address start, uint64_t count) const;
  void visit_words(RootCategory category, Address start, uint64_t count, const Visit& visit) const;

  void visit_roots_table(const Visit& visit) const;
  void visit_builtins(const Visit& visit) const;
  void visit_thread_local_top(const Visit& visit) const;
  void visit_try_catch(Address block, const Visit& visit) const;
  void visit_object_caches(const Visit& visit) const;
  void visit_external_strings(const Visit& visit) const;
  bool visit_string_table(Address table, const Visit& visit) const;
  [[nodiscard]] Vector sub_cache_tables(Address place) const;
  bool visit_compilation_cache(Address cache, const Visit& visit) const;
  bool visit_extensions(Address bootstrapper, const Visit& visit) const;
  [[nodiscard]] bool is_constant(Address place) const;
  [[nodiscard]] uint64_t block_bytes(Address block) const;
  [[nodiscard]] std::vector<uint64_t> objects_in(Address start, Address end) const;
  bool visit_strong_roots(Address entry, const Visit& visit) const;
  bool visit_relocatable(Address top, const Visit& visit) const;

  const Heap& heap_;
  Isolate isolate_;
  std::span<const uint64_t> words_;
  size_t first_builtin_ = 0;  ///< index in words_ of Isolate::builtin_table
  size_t builtin_count_ = 0;
};

}  // namespace corewalk::v8
