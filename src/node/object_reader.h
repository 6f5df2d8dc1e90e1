#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "v8/heap.h"
#include "v8/properties.h"
#include "v8/string_reader.h"

namespace corewalk {

/// The own properties of one object, looked up by their text, at most kMaxProperties of them. An
/// object that cannot be read has none. Getters are not run: what they would give is absent.
class ObjectReader {
 public:
  static constexpr uint64_t kMaxProperties = 100'000;

  ObjectReader(const v8::Heap& heap, Address object);

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  [[nodiscard]] std::optional<v8::TaggedWord> value(std::string_view name) const;
  /// The value of the property whose key is the Symbol of that description.
  [[nodiscard]] std::optional<v8::TaggedWord> symbol(std::string_view description) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<Address> object(std::string_view name) const;
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
  /// The AccessorPair of a property that has one; in a global object that counts as data.
  [[nodiscard]] std::optional<Address> accessor(std::string_view name) const;
  /// All properties whose value is a string.
  [[nodiscard]] std::map<std::string, std::string> texts() const;

  struct Named {
    std::string name;
    v8::TaggedWord value = 0;
  };
  /// All data properties with a string for a key, in the order they were added.
  [[nodiscard]] std::vector<Named> named() const;

 private:
  using Property = v8::PropertyReader::Property;
  [[nodiscard]] const Property* find(std::string_view name) const;

  const v8::Heap& heap_;
  v8::StringReader strings_;
  std::vector<Property> properties_;
};

/// `true` and `false`; absent for every other value.
[[nodiscard]] std::optional<bool> boolean_of(const v8::Heap& heap, v8::TaggedWord word);
/// A Smi or a heap number; absent for every other value.
[[nodiscard]] std::optional<double> number_of(const v8::Heap& heap, v8::TaggedWord word);
/// The JavaScript object a word refers to; absent for primitives.
[[nodiscard]] std::optional<Address> object_of(const v8::Heap& heap, v8::TaggedWord word);

}  // namespace corewalk
