#pragma once

#include <cstdint>

#include "inspect/value.h"
#include "v8/constructor_name.h"
#include "v8/elements.h"
#include "v8/object_view.h"
#include "v8/properties.h"
#include "v8/source_locator.h"
#include "v8/string_reader.h"

namespace corewalk {

/// How much of a value to read.
struct InspectOptions {
  uint64_t string_length = 16;  ///< UTF-16 code units; 0: all
  uint64_t array_length = 16;   ///< elements, entries, bytes; 0: all
  unsigned depth = 1;           ///< levels of members; 0: the line alone
  bool map = false;             ///< add the hidden class
  bool fields = false;          ///< add V8's own fields of JavaScript objects
  bool source = false;          ///< add the source text of functions
};

/// Reads values as people look at them. What cannot be read is a value of kind kUnreadable in its
/// place; the rest still shows. Bounded by the options, by kMaxMembers where they say "all", and by
/// kMaxOpened. Not thread-safe.
class ValueReader {
 public:
  static constexpr uint64_t kMaxMembers = 1'000'000;
  /// Objects whose members one call reads, however deep it may go.
  static constexpr uint64_t kMaxOpened = 100'000;
  static constexpr uint64_t kMaxStringUnits = uint64_t{1} << 29;

  explicit ValueReader(const v8::Heap& heap);

  [[nodiscard]] Value read(v8::TaggedWord word, const InspectOptions& options) const;
  /// The line alone.
  [[nodiscard]] Value brief(v8::TaggedWord word, const InspectOptions& options) const;

  // For the parts in inspect/*.cc, one for each family of objects.
  [[nodiscard]] const v8::Heap& heap() const { return heap_; }
  [[nodiscard]] const v8::StringReader& strings() const { return strings_; }
  [[nodiscard]] const v8::PropertyReader& properties() const { return properties_; }
  [[nodiscard]] const v8::ElementReader& elements() const { return elements_; }
  [[nodiscard]] const v8::ConstructorNamer& names() const { return names_; }
  [[nodiscard]] v8::SourceLocator& sources() const { return sources_; }
  /// Text of a property key, a string or a Symbol, whole.
  [[nodiscard]] std::string key_text(v8::TaggedWord key) const;

 private:
  const v8::Heap& heap_;
  v8::StringReader strings_;
  v8::PropertyReader properties_;
  v8::ElementReader elements_;
  v8::ConstructorNamer names_;
  mutable v8::SourceLocator sources_;
  mutable uint64_t opened_ = 0;
  mutable unsigned depth_ = 0;
};

}  // namespace corewalk
