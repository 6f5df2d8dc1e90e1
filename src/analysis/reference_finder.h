#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/reference_index.h"
#include "base/progress.h"
#include "inspect/value_reader.h"

namespace corewalk {

/// Who holds an object, and how: as people would write it.
struct Holder {
  Address address;            ///< tagged
  std::string type;           ///< constructor, or V8's class
  std::string label;          ///< ".user", "[3]", " value of <String: \"k17\">"
  v8::TaggedWord target = 0;  ///< what is held: a reference, or a Smi
  bool weak = false;          ///< does not keep it alive
};

/// Answers `findrefs`. Backing stores are looked through: a property array is not a holder, the
/// object it belongs to is.
class ReferenceFinder {
 public:
  ReferenceFinder(const v8::Heap& heap, const ReferenceIndex& index)
      : heap_(heap), index_(index), reader_(heap) {}

  /// Who refers to `target`.
  [[nodiscard]] std::vector<Holder> to_value(Address target, uint64_t limit) const;
  /// Which objects have a property `name` of their own, and what it holds.
  [[nodiscard]] std::vector<Holder> by_property(std::string_view name, uint64_t limit,
                                                Progress& progress) const;
  /// Who refers to strings of that very text.
  [[nodiscard]] std::vector<Holder> to_string(std::string_view text, uint64_t limit,
                                              Progress& progress) const;

 private:
  void add_holders(const Reference& reference, Address target, std::vector<Holder>& found) const;

  const v8::Heap& heap_;
  const ReferenceIndex& index_;
  ValueReader reader_;
};

}  // namespace corewalk
