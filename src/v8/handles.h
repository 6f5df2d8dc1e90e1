#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "v8/heap.h"
#include "v8/roots.h"

namespace corewalk::v8 {

/// The blocks of memory in which one isolate keeps its handles. Found by shape from the pointers in
/// the isolate (handles/global-handles.cc, handles/handles.h, api/api.h, execution/
/// microtask-queue.h; their shape has been the same from V8 7.8 to 14.6).
class Handles {
 public:
  Handles(const AddressSpace& memory, const Isolate& isolate);

  /// Calls `visit(kind, weak, place, word)` for each handle in use.
  using Visit = std::function<void(RootKind, bool, Address, TaggedWord)>;
  void for_each(const Visit& visit) const;

  /// The words of the isolate itself, from its start; those that cannot be read are 0.
  [[nodiscard]] std::span<const uint64_t> isolate_words() const { return words_; }

 private:
  [[nodiscard]] std::vector<uint64_t> read_words(Address start, uint64_t count) const;
  [[nodiscard]] uint64_t word_at(Address place) const;
  [[nodiscard]] bool is_block(Address block) const;
  [[nodiscard]] Address first_global_block(Address handles) const;
  [[nodiscard]] Address end_of_open_block(Address block) const;

  void visit_global_blocks(Address block, const Visit& visit) const;
  bool visit_eternal(Address handles, const Visit& visit) const;
  bool visit_scopes(Address implementer, const Visit& visit) const;
  void visit_contexts(Address implementer, const Visit& visit) const;
  [[nodiscard]] bool is_queue(Address queue) const;
  void visit_queue(Address queue, const Visit& visit) const;
  bool visit_microtasks(Address queue, const Visit& visit) const;
  void visit_words(RootKind kind, Address start, uint64_t count, const Visit& visit) const;

  const AddressSpace& memory_;
  Isolate isolate_;
  std::vector<uint64_t> words_;
};

}  // namespace corewalk::v8
