#include "heap_graph/node_types.h"

#include <algorithm>
#include <iterator>

namespace corewalk {

using v8::NodeType;
using v8::TypeTag;

namespace {

constexpr TypeTag kArrayTags[] = {TypeTag::kFixedArray,        TypeTag::kNameDictionary,
                                  TypeTag::kGlobalDictionary,  TypeTag::kNumberDictionary,
                                  TypeTag::kOrderedHashMap,    TypeTag::kOrderedHashSet,
                                  TypeTag::kEphemeronHashTable};

/// Types of hash tables that no tag tells apart.
constexpr std::string_view kHashTables[] = {"HASH_TABLE",
                                            "NAME_TO_INDEX_HASH_TABLE",
                                            "ORDERED_NAME_DICTIONARY",
                                            "REGISTERED_SYMBOL_TABLE",
                                            "SIMPLE_NAME_DICTIONARY",
                                            "SIMPLE_NUMBER_DICTIONARY",
                                            "STRING_TABLE"};

NodeType string_type(uint16_t instance_type) {
  const auto representation = v8::string_representation(instance_type);
  if (representation == v8::StringRepresentation::kCons) return NodeType::kConsString;
  if (representation == v8::StringRepresentation::kSliced) return NodeType::kSlicedString;
  return NodeType::kString;
}

}  // namespace

bool is_a(const v8::MapInfo& map, std::string_view class_name) {
  return v8::is_class(map.type->object_class, class_name);
}

bool is_fixed_array(const v8::MapInfo& map) {
  const auto has = [](const auto& list, const auto& item) {
    return std::find(std::begin(list), std::end(list), item) != std::end(list);
  };
  return has(kArrayTags, map.tag) || has(kHashTables, map.type->name) || is_a(map, "FixedArray");
}

NodeType node_type_of(const v8::MapInfo& map) {
  const TypeTag tag = map.tag;
  if (tag == TypeTag::kJSFunction || tag == TypeTag::kJSBoundFunction) return NodeType::kClosure;
  if (tag == TypeTag::kJSRegExp) return NodeType::kRegExp;
  if (tag == TypeTag::kJSProxy) return NodeType::kHidden;
  if (v8::is_js_receiver(tag)) return NodeType::kObject;
  if (tag == TypeTag::kString) return string_type(map.instance_type);
  if (tag == TypeTag::kSymbol) return NodeType::kSymbol;
  if (tag == TypeTag::kBigInt) return NodeType::kBigInt;
  if (tag == TypeTag::kHeapNumber) return NodeType::kNumber;
  if (tag == TypeTag::kContext) return NodeType::kObject;
  if (is_a(map, "SharedFunctionInfo") || is_a(map, "Script") || is_a(map, "Code")) {
    return NodeType::kCode;
  }
  if (map.type->node_type != NodeType::kHidden) return map.type->node_type;
  return is_fixed_array(map) ? NodeType::kArray : NodeType::kHidden;
}

}  // namespace corewalk
