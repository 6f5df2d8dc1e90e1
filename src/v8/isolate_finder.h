#pragma once

#include <optional>
#include <string>

#include "memory/address_space.h"
#include "v8/heap.h"
#include "v8/layout.h"

namespace corewalk::v8 {

/// Finds the Isolate around a Heap object, which is a member of it.
///
/// The distance between the two is the least stable of all offsets: patch releases of one V8
/// version differ in it, because Node's own changes add members. The layout's distance is tried
/// first; then the roots table is searched before the heap. Either way the table must prove itself:
/// its meta map is its own map, and its other root maps describe the types they are named after.
class IsolateFinder {
 public:
  IsolateFinder(const AddressSpace& memory, const Layout& layout);

  /// The isolate, or nothing and in `reason` what was wrong.
  [[nodiscard]] std::optional<Isolate> find(Address heap, std::string& reason) const;

 private:
  [[nodiscard]] Isolate isolate_with_roots(Address heap, Address roots) const;
  [[nodiscard]] std::optional<Isolate> search(Address heap) const;
  [[nodiscard]] bool points_to_itself(const Isolate& isolate) const;
  [[nodiscard]] bool is_roots_table(Address roots) const;
  [[nodiscard]] bool is_map_of_type(TaggedWord word, std::string_view type) const;

  const AddressSpace& memory_;
  const Layout& layout_;
  std::optional<uint64_t> meta_map_offset_;  ///< in the roots table, bytes
};

/// What the search found to differ from the layout, in one sentence; empty if nothing.
[[nodiscard]] std::string calibration_note(const Heap& heap);

}  // namespace corewalk::v8
