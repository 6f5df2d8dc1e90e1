#include "node/object_reader.h"

#include <cstring>
#include <utility>

#include "v8/object_view.h"

namespace corewalk {

using v8::TaggedWord;
using v8::TypeTag;

namespace {

using Holds = v8::PropertyReader::Holds;

constexpr uint64_t kMaxTextUnits = 4096;

}  // namespace

ObjectReader::ObjectReader(const v8::Heap& heap, Address object) : heap_(heap), strings_(heap) {
  const auto map = v8::MapView::of_object(heap, object);
  if (map) {
    properties_ = v8::PropertyReader(heap).own_properties(object, *map, kMaxProperties);
  }
}

const ObjectReader::Property* ObjectReader::find(std::string_view name) const {
  for (const Property& property : properties_) {
    if (strings_.read_word(property.key, name.size() + 1) == name) return &property;
  }
  return nullptr;
}

std::optional<TaggedWord> ObjectReader::value(std::string_view name) const {
  const Property* property = find(name);
  if (property == nullptr || property->holds != Holds::kTagged) return {};
  return property->value;
}

std::optional<TaggedWord> ObjectReader::symbol(std::string_view description) const {
  const auto field = heap_.layout().string.symbol_description;
  for (const Property& property : properties_) {
    if (property.holds != Holds::kTagged || v8::is_smi(property.key)) continue;
    const Address key = v8::untag(property.key);
    if (heap_.tag_of(key) != TypeTag::kSymbol) continue;
    const auto word = heap_.read(key, field, "symbol description");
    if (word && strings_.read_word(*word, description.size() + 1) == description) {
      return property.value;
    }
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

std::optional<double> ObjectReader::number(std::string_view name) const {
  const Property* property = find(name);
  if (property == nullptr) return {};
  if (property->holds == Holds::kDouble) return property->number;
  return property->holds == Holds::kTagged ? number_of(heap_, property->value) : std::nullopt;
}

std::optional<bool> ObjectReader::boolean(std::string_view name) const {
  const auto word = value(name);
  return word ? boolean_of(heap_, *word) : std::nullopt;
}

std::optional<Address> ObjectReader::accessor(std::string_view name) const {
  const Property* property = find(name);
  const bool is_pair = property != nullptr && property->holds != Holds::kDouble &&
                       property->holds != Holds::kUnreadable && !v8::is_smi(property->value);
  return is_pair ? std::optional(v8::untag(property->value)) : std::nullopt;
}

std::map<std::string, std::string> ObjectReader::texts() const {
  std::map<std::string, std::string> found;
  for (const Named& property : named()) {
    if (auto value = strings_.read_word(property.value, kMaxTextUnits)) {
      found.emplace(property.name, std::move(*value));
    }
  }
  return found;
}

std::vector<ObjectReader::Named> ObjectReader::named() const {
  std::vector<Named> list;
  for (const Property& property : properties_) {
    if (property.holds != Holds::kTagged) continue;
    auto key = strings_.read_word(property.key, kMaxTextUnits);
    if (key) list.push_back({std::move(*key), property.value});
  }
  return list;
}

std::optional<bool> boolean_of(const v8::Heap& heap, TaggedWord word) {
  if (v8::is_smi(word)) return {};
  const Address object = v8::untag(word);
  if (heap.tag_of(object) != TypeTag::kOddball) return {};
  const auto text = heap.read(object, heap.layout().container.oddball_to_string, "oddball");
  const auto name = text ? v8::StringReader(heap).read_word(*text, 8) : std::nullopt;
  if (name == "true") return true;
  if (name == "false") return false;
  return {};
}

std::optional<double> number_of(const v8::Heap& heap, TaggedWord word) {
  if (v8::is_smi(word)) return v8::smi_value(word);
  const auto object = v8::ObjectView::at(heap, word);
  if (!object || object->tag() != TypeTag::kHeapNumber) return {};
  const v8::ClassField* field = v8::Layout::field(object->type().object_class, "value");
  const auto bits = field != nullptr
                        ? object->word(field->offset)
                        : Result<TaggedWord>(Fault{FaultKind::kBadValue, {}, "number"});
  if (!bits) return {};
  double number = 0;
  std::memcpy(&number, &*bits, sizeof number);
  return number;
}

std::optional<Address> object_of(const v8::Heap& heap, TaggedWord word) {
  if (v8::is_smi(word)) return {};
  const Address object = v8::untag(word);
  return v8::is_js_receiver(heap.tag_of(object)) ? std::optional(object) : std::nullopt;
}

}  // namespace corewalk
