#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "v8/heap.h"
#include "v8/properties.h"
#include "v8/string_reader.h"

namespace corewalk {

/// The own data properties of one object, looked up by their text. An object that cannot be read
/// has none.
class ObjectReader {
 public:
  ObjectReader(const v8::Heap& heap, Address object);

  [[nodiscard]] std::optional<v8::TaggedWord> value(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  [[nodiscard]] std::optional<Address> object(std::string_view name) const;
  /// All properties whose value is a string.
  [[nodiscard]] std::map<std::string, std::string> texts() const;

 private:
  v8::StringReader strings_;
  std::vector<v8::PropertyReader::DataProperty> properties_;
};

}  // namespace corewalk
