#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "v8/object_view.h"
#include "v8/properties.h"

namespace corewalk::v8 {

/// One indexed property.
struct Element {
  uint64_t index = 0;
  PropertyReader::Holds holds = PropertyReader::Holds::kUnreadable;
  TaggedWord value = 0;  ///< kTagged: it may be the hole; kAccessor: an AccessorPair
  double number = 0;     ///< kDouble
  bool read_only = false;
  bool hidden = false;  ///< not enumerable
};

/// Reads the indexed properties of JavaScript objects, whatever store V8 keeps them in. The
/// contents of typed arrays are no such properties here.
class ElementReader {
 public:
  explicit ElementReader(const Heap& heap) : heap_(heap) {}

  /// `length` of an Array: a Smi, or a double above 2^30. Absent for other objects.
  [[nodiscard]] std::optional<uint64_t> array_length(const ObjectView& object) const;

  /// Calls `visit` with each element up to the array's length, holes left out, in the order they
  /// are stored, until it returns false.
  void for_each(const ObjectView& object, const std::function<bool(const Element&)>& visit) const;

  /// True for the value that stands for a missing element.
  [[nodiscard]] bool is_hole(TaggedWord word) const;

 private:
  using Visit = std::function<bool(const Element&)>;
  void visit_array(const ObjectView& store, uint64_t limit, const Visit& visit) const;
  void visit_doubles(const ObjectView& store, uint64_t limit, const Visit& visit) const;
  [[nodiscard]] std::vector<std::pair<uint64_t, uint64_t>> entries_by_index(
      const ObjectView& store) const;
  void visit_dictionary(const ObjectView& store, const Visit& visit) const;
  void visit_arguments(const ObjectView& store, const Visit& visit) const;

  const Heap& heap_;
};

}  // namespace corewalk::v8
