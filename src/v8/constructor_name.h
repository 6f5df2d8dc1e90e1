#pragma once

#include <optional>
#include <string>
#include <vector>

#include "v8/heap.h"
#include "v8/properties.h"
#include "v8/string_reader.h"

namespace corewalk::v8 {

/// Names JavaScript objects by constructor as V8's heap snapshot does
/// (objects/js-objects.cc, GetConstructorHelper, and objects/shared-function-info.cc, DebugName):
///
/// 1. The constructor on the map, if the object was made by `new` of that very constructor and is
///    no prototype object, and unless its name is empty or "Object".
/// 2. Up the prototype chain, beginning with the object itself: a data property
///    Symbol.toStringTag that is a string; then, but not on the object itself, a data property
///    `constructor` that is a function with a name other than "Object". Up to V8 9.4 the whole
///    chain is searched for a tag before it is searched for a constructor.
/// 3. The name of the object's class, by its instance type.
class ConstructorNamer {
 public:
  explicit ConstructorNamer(const Heap& heap);

  struct Name {
    std::string text;
    /// The name rests on a property of this very object: others of the same map may differ.
    bool of_object_only = false;
    /// The function whose name it is.
    std::optional<Address> constructor = {};
  };

  /// Name of the JavaScript object `object`, whose map is `map`.
  [[nodiscard]] Name name(Address object, const MapView& map) const;

  /// True if two objects of this map can have different names: a Symbol.toStringTag of their own,
  /// or properties in a dictionary that might hold one.
  [[nodiscard]] bool may_differ_within(const MapView& map) const;

  /// True for the object a function or class has as its `prototype`: V8 has marked it as one, and
  /// it has a `constructor` of its own.
  [[nodiscard]] bool is_prototype(Address object, const MapView& map) const;

  /// The name a function was given; "" if none.
  [[nodiscard]] std::string own_function_name(Address shared_function_info) const;
  /// Name of a function: its own, else the one inferred from where it was assigned.
  [[nodiscard]] std::string function_name(Address shared_function_info) const;

  /// The string that one closure has as its own property `name`: a method with a computed name, or
  /// a name defined anew.
  [[nodiscard]] std::optional<std::string> name_property(Address function) const;

 private:
  /// What name_from_chain looks at; bits.
  static constexpr unsigned kTag = 1;
  static constexpr unsigned kConstructor = 2;

  [[nodiscard]] Name plain_name(Address object, const MapView& map) const;
  [[nodiscard]] std::optional<Name> name_from_chain(Address object, const MapView& map,
                                                    unsigned sources) const;
  [[nodiscard]] std::string name_from_map(const MapView& map) const;
  [[nodiscard]] TaggedWord constructor_of(const MapView& map) const;
  [[nodiscard]] std::optional<Address> function_at(TaggedWord word) const;
  [[nodiscard]] std::string name_of_function(TaggedWord word) const;
  [[nodiscard]] std::string class_name(Address object, const MapView& map) const;
  [[nodiscard]] std::string wrapper_class_name(Address object) const;

  /// Property names as the roots of one isolate have them; identity is what counts.
  struct Keys {
    TaggedWord to_string_tag = 0;
    TaggedWord constructor = 0;
    TaggedWord name = 0;
  };
  [[nodiscard]] const Keys& keys_for(Address object) const;

  const Heap& heap_;
  PropertyReader properties_;
  StringReader strings_;
  std::vector<Keys> keys_;  // by isolate
};

}  // namespace corewalk::v8
