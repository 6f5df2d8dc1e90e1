#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/reference_index.h"
#include "base/progress.h"
#include "inspect/value_reader.h"
#include "v8/roots.h"

namespace corewalk {

/// Who holds an object, and how: as people would write it.
struct Holder {
  Address address;            ///< tagged; of a root, where the word lies
  std::string type;           ///< constructor, or V8's class; "(Global handle)" of a root
  std::string label = {};     ///< ".user", "[3]", " value of <String: \"k17\">"
  v8::TaggedWord target = 0;  ///< what is held: a reference, or a Smi
  bool weak = false;          ///< does not keep it alive
  std::optional<v8::Root> root = {};
};

/// Answers `findrefs`. Backing stores are looked through: a property array is not a holder, the
/// object it belongs to is.
class ReferenceFinder {
 public:
  ReferenceFinder(const v8::Heap& heap, const ReferenceIndex& index,
                  std::span<const v8::Root> roots)
      : heap_(heap), index_(index), roots_(roots), reader_(heap) {}

  /// Who refers to `target`: objects, then roots.
  [[nodiscard]] std::vector<Holder> to_value(Address target, uint64_t limit) const;
  [[nodiscard]] std::vector<Holder> objects_that_hold(Address target, uint64_t limit) const;
  /// One root that keeps `target` alive; a word of a stack only if there is no better one.
  [[nodiscard]] std::optional<Holder> strong_root_of(Address target) const;
  /// Which objects have a property `name` of their own, and what it holds.
  [[nodiscard]] std::vector<Holder> by_property(std::string_view name, uint64_t limit,
                                                Progress& progress) const;
  /// Who refers to strings of that very text.
  [[nodiscard]] std::vector<Holder> to_string(std::string_view text, uint64_t limit,
                                              Progress& progress) const;

 private:
  void add_holders(const Reference& reference, Address target, std::vector<Holder>& found) const;
  [[nodiscard]] Holder holder_of(const v8::Root& root) const;

  const v8::Heap& heap_;
  const ReferenceIndex& index_;
  std::span<const v8::Root> roots_;
  ValueReader reader_;
};

}  // namespace corewalk
