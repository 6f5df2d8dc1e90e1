#pragma once

#include <cstdint>
#include <string>

#include "inspect/value_reader.h"

namespace corewalk {

/// What a tagged word of an object is to it: ".user" of an object, "[3]" of an array, "scopedVar"
/// of a context, "(shared)" of a function.
struct ReferenceLabel {
  std::string text = {};
  /// The word lies in a backing store: what it is called is for the store's owner to say.
  bool in_store = false;
  /// The collector does not follow the word, whatever its tag says: it goes when its target does.
  bool weak = false;
};

[[nodiscard]] ReferenceLabel label_of(const ValueReader& reader, const v8::ObjectView& holder,
                                      uint64_t offset);

/// The same for a word of the backing store `store` of `owner`.
[[nodiscard]] ReferenceLabel label_in_store(const ValueReader& reader, const v8::ObjectView& owner,
                                            const v8::ObjectView& store, uint64_t offset);

}  // namespace corewalk
