#include "node/object_reader.h"

#include <utility>

namespace corewalk {
namespace {

constexpr uint64_t kMaxTextUnits = 4096;

}  // namespace

ObjectReader::ObjectReader(const v8::Heap& heap, Address object) : strings_(heap) {
  const auto map = v8::MapView::of_object(heap, object);
  if (map) properties_ = v8::PropertyReader(heap).own_data_properties(object, *map);
}

std::optional<v8::TaggedWord> ObjectReader::value(std::string_view name) const {
  for (const auto& property : properties_) {
    if (strings_.read_word(property.key, name.size() + 1) == name) return property.value;
  }
  return {};
}

std::optional<std::string> ObjectReader::text(std::string_view name) const {
  const auto word = value(name);
  return word ? strings_.read_word(*word, kMaxTextUnits) : std::nullopt;
}

std::optional<Address> ObjectReader::object(std::string_view name) const {
  const auto word = value(name);
  return word && !v8::is_smi(*word) ? std::optional(v8::untag(*word)) : std::nullopt;
}

std::map<std::string, std::string> ObjectReader::texts() const {
  std::map<std::string, std::string> found;
  for (const auto& property : properties_) {
    auto key = strings_.read_word(property.key, kMaxTextUnits);
    auto value = strings_.read_word(property.value, kMaxTextUnits);
    if (key && value) found.emplace(std::move(*key), std::move(*value));
  }
  return found;
}

}  // namespace corewalk
