#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "heap_graph/object_index.h"
#include "v8/dispatch_table.h"

namespace corewalk {

/// What reading the edges of objects needs to know of a heap beyond the maps: which objects V8's
/// snapshot leaves out as targets, and where some fields lie. Immutable.
class ObjectFacts {
 public:
  explicit ObjectFacts(const ObjectIndex& index);

  /// False for oddballs, empty arrays and some maps, which snapshots do not show as targets of
  /// fields, only of properties (V8HeapExplorer::IsEssentialObject); and for kNoObject.
  [[nodiscard]] bool is_essential(ObjectNumber object) const {
    if (object < inessential_.size()) return !inessential_[object];
    return object != kNoObject;
  }
  [[nodiscard]] bool is_hole(v8::TaggedWord word) const { return contains(holes_, word); }
  [[nodiscard]] bool is_empty_array(v8::TaggedWord word) const {
    return contains(empty_arrays_, word);
  }
  /// Types that constants of code have, and feedback of it, which say more than "array".
  [[nodiscard]] bool is_constant_pool(const v8::TypeInfo* type) const {
    return contains(constant_types_, type);
  }
  [[nodiscard]] bool is_feedback(const v8::TypeInfo* type) const {
    return contains(feedback_types_, type);
  }
  [[nodiscard]] bool is_accessor_pair(v8::TaggedWord word) const;

  /// True in versions whose snapshots show weak references that have no name as strong ones.
  [[nodiscard]] bool hides_weak_slots() const { return hides_weak_slots_; }

  /// Offsets in a PropertyCell.
  struct CellFields {
    bool known = false;
    uint32_t name = 0;
    uint32_t value = 0;
    uint32_t details = 0;
  };
  [[nodiscard]] const CellFields& cell_fields() const { return cell_; }

  /// The name of a slot of native contexts that have `count` of them; "" if it is not known.
  [[nodiscard]] std::string_view native_context_slot(uint64_t slot, uint64_t count) const;

  /// The Code of a function with this dispatch handle; 0 if it is not known.
  [[nodiscard]] v8::TaggedWord code_of(uint32_t dispatch_handle) const {
    return dispatch_table_ ? dispatch_table_->code(dispatch_handle) : 0;
  }

 private:
  // As many as there are isolates, often one.
  template <class T>
  static bool contains(const std::vector<T>& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  }
  void leave_out(const ObjectIndex& index, const v8::Isolate& isolate);

  const v8::Heap& heap_;
  std::vector<bool> inessential_;  // of the objects with the lowest numbers
  std::vector<v8::TaggedWord> holes_;
  std::vector<v8::TaggedWord> empty_arrays_;
  std::vector<const v8::TypeInfo*> constant_types_;
  std::vector<const v8::TypeInfo*> feedback_types_;
  bool hides_weak_slots_;
  CellFields cell_;
  std::optional<v8::DispatchTable> dispatch_table_;
};

}  // namespace corewalk
