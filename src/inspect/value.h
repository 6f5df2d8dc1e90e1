#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// What a value is to somebody who writes JavaScript; V8's own objects are all kInternal.
enum class ValueKind : uint8_t {
  kUndefined,
  kNull,
  kBoolean,
  kNumber,
  kBigInt,
  kString,
  kSymbol,
  kFunction,
  kObject,
  kHole,  ///< no value: an element that is not there, a variable before its declaration
  kInternal,
  kUnreadable,
};

struct Section;

/// A value of the target, as far as it was asked for: a line of text, and the sections of what is
/// in it. No text is escaped: the host that prints it does that.
struct Value {
  ValueKind kind = ValueKind::kUnreadable;
  /// As users write it: tagged, the way V8 and llnode print it. Absent for a Smi, which has none.
  std::optional<Address> address = {};
  std::string type = {};  ///< constructor of an object, or V8's class: "Session", "FixedArray"
  std::string text = {};  ///< on one line, in llnode's words: "<Object: Session>", "<Smi: 1>"
  /// What JSON shows of a primitive: a number, a boolean, text. A truncated string says so in
  /// `cut`.
  std::variant<std::monostate, bool, double, std::string> primitive = {};
  bool cut = false;  ///< longer than the limit
  uint64_t shallow_bytes = 0;
  std::vector<Section> sections = {};
};

/// What the members of a section are, which decides how they are labelled.
enum class SectionKind : uint8_t {
  kProperties,  ///< .name
  kElements,    ///< [index]
  kEntries,     ///< of a Map, a Set, a WeakMap
  kVariables,   ///< of a context
  kInternal,    ///< V8's own fields and slots: (name)
  kFrames,      ///< functions of a stack, and where each stands as the name
  kEmbedder,    ///< internal fields of API objects
  kBytes,       ///< the contents of a buffer, as text in `text`
  kText,        ///< a source, a stack: lines in `text`
};

struct Member {
  std::string name = {};          ///< of a property, a variable, a field; the index of an element
  std::optional<Value> key = {};  ///< of a Map's entry
  Value value = {};
  std::optional<Value> setter = {};  ///< of an accessor, whose getter is `value`
  bool is_accessor = false;
  bool is_symbol = false;   ///< the property's key is a Symbol, `name` its description
  bool is_private = false;  ///< #name
  bool is_weak = false;     ///< does not keep its target alive
  bool read_only = false;
  bool hidden = false;  ///< not enumerable
};

/// One kind of thing that is in a value.
struct Section {
  SectionKind kind = SectionKind::kProperties;
  std::string title = {};  ///< "properties", "elements", "internal fields"
  std::vector<Member> members = {};
  std::string text = {};
  uint64_t total = 0;    ///< members there are; more than `members` if a limit cut them
  bool damaged = false;  ///< a part could not be read
};

}  // namespace corewalk
