#include "v8/constructor_name.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxNameUnits = 1024;       // what V8's snapshot keeps of a name
constexpr int kMaxBackPointers = 1 << 14;      // transitions of one map tree
constexpr int kMaxPrototypes = 1 << 12;

using TagName = std::pair<TypeTag, std::string_view>;

// JSReceiver::class_name (objects/js-objects.cc).
constexpr auto kClassNames = std::to_array<TagName>({
    {TypeTag::kJSFunction, "Function"},
    {TypeTag::kJSBoundFunction, "Function"},
    {TypeTag::kJSWrappedFunction, "Function"},
    {TypeTag::kJSArgumentsObject, "Arguments"},
    {TypeTag::kJSArray, "Array"},
    {TypeTag::kJSArrayBuffer, "ArrayBuffer"},
    {TypeTag::kJSDate, "Date"},
    {TypeTag::kJSError, "Error"},
    {TypeTag::kJSGeneratorObject, "Generator"},
    {TypeTag::kJSMap, "Map"},
    {TypeTag::kJSRegExp, "RegExp"},
    {TypeTag::kJSSet, "Set"},
    {TypeTag::kJSWeakMap, "WeakMap"},
    {TypeTag::kJSWeakSet, "WeakSet"},
    {TypeTag::kJSGlobalProxy, "global"},
});

// The same for a JSPrimitiveWrapper, by what it wraps.
constexpr auto kWrapperClassNames = std::to_array<TagName>({
    {TypeTag::kOddball, "Boolean"},
    {TypeTag::kString, "String"},
    {TypeTag::kHeapNumber, "Number"},
    {TypeTag::kBigInt, "BigInt"},
    {TypeTag::kSymbol, "Symbol"},
    {TypeTag::kScript, "Script"},
});

template <size_t N>
std::string name_in(const std::array<TagName, N>& names, TypeTag tag) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const TagName& n) { return n.first == tag; });
  return std::string(found == names.end() ? "Object" : found->second);
}

bool is_useful(const std::string& name) { return !name.empty() && name != "Object"; }

}  // namespace

ConstructorNamer::ConstructorNamer(const Heap& heap)
    : heap_(heap),
      properties_(heap),
      strings_(heap),
      to_string_tag_(heap.root("to_string_tag_symbol").value_or(0)),
      constructor_(heap.root("constructor_string").value_or(0)) {}

ConstructorNamer::Name ConstructorNamer::name(Address object, const MapView& map) const {
  const bool by_map = map.tag != TypeTag::kJSProxy && map.new_target_is_base &&
                      !map.is_prototype_map;
  if (by_map) {
    std::string found = name_from_map(map);
    if (is_useful(found)) return {.text = std::move(found)};
  }
  Address current = object;
  MapView current_map = map;
  for (int step = 0; step < kMaxPrototypes; ++step) {
    const auto tag = properties_.own_data_property(current, current_map, to_string_tag_);
    if (tag) {
      if (auto text = strings_.read_word(*tag, kMaxNameUnits)) {
        return {.text = std::move(*text), .of_object_only = step == 0};
      }
    }
    if (step > 0) {
      const auto value = properties_.own_data_property(current, current_map, constructor_);
      std::string found = value ? name_of_function_word(*value) : "";
      if (is_useful(found)) return {.text = std::move(found)};
    }
    if (is_smi(current_map.prototype)) return {.text = class_name(object, map), .damaged = true};
    const Address next = untag(current_map.prototype);
    const auto next_map = MapView::of_object(heap_, next);
    if (!next_map) return {.text = class_name(object, map), .damaged = true};
    if (!is_js_receiver(next_map->tag)) break;  // null
    current = next;
    current_map = *next_map;
  }
  return {.text = class_name(object, map)};
}

bool ConstructorNamer::may_differ_within(const MapView& map) const {
  if (map.tag == TypeTag::kJSPrimitiveWrapper) return true;
  if (map.new_target_is_base && !map.is_prototype_map && is_useful(name_from_map(map))) return false;
  if (map.is_dictionary_map) return true;
  for (const Descriptor& descriptor : properties_.descriptors(map)) {
    if (descriptor.key == to_string_tag_) return true;
  }
  return false;
}

// Map::GetConstructor (objects/map-inl.h): past the maps this one was derived from; a Tuple2 holds
// the constructor of functions whose `prototype` is no object.
std::string ConstructorNamer::name_from_map(const MapView& map) const {
  TaggedWord word = map.constructor_or_back_pointer;
  for (int step = 0; step < kMaxBackPointers; ++step) {
    if (is_smi(word)) return {};
    const TypeTag tag = heap_.tag_of(untag(word));
    if (tag == TypeTag::kMap) {
      word = heap_.read(untag(word), heap_.layout().map.constructor_or_back_pointer, "back pointer")
                 .value_or(0);
    } else if (tag == TypeTag::kTuple2) {
      word = heap_.read(untag(word), heap_.layout().container.tuple2_value1, "constructor")
                 .value_or(0);
    } else {
      return name_of_function_word(word);
    }
  }
  return {};
}

std::string ConstructorNamer::name_of_function_word(TaggedWord word) const {
  if (is_smi(word)) return {};
  const Address object = untag(word);
  const TypeTag tag = heap_.tag_of(object);
  if (tag == TypeTag::kFunctionTemplateInfo) {
    const auto name = heap_.read(object, heap_.layout().function.template_class_name, "class name");
    return name ? strings_.read_word(*name, kMaxNameUnits).value_or("") : "";
  }
  if (tag != TypeTag::kJSFunction) return {};
  const auto shared = heap_.follow(object, heap_.layout().function.shared.offset(), "shared");
  return shared ? function_name(*shared) : "";
}

std::string ConstructorNamer::function_name(Address shared) const {
  const FunctionFields& fields = heap_.layout().function;
  const auto word = heap_.read(shared, fields.name_or_scope_info, "function name");
  if (!word || is_smi(*word)) return {};
  const Address name_or_scope = untag(*word);
  std::optional<TaggedWord> inferred;
  if (heap_.tag_of(name_or_scope) == TypeTag::kScopeInfo) {
    if (const auto name = scope_info_name(name_or_scope, /*inferred=*/false)) {
      auto text = strings_.read_word(*name, kMaxNameUnits);
      if (text && !text->empty()) return *text;
    }
    inferred = scope_info_name(name_or_scope, /*inferred=*/true);
  } else {
    auto text = strings_.read_word(*word, kMaxNameUnits);
    if (text && !text->empty()) return *text;
    const auto data = heap_.follow(shared, fields.function_data.offset(), "function data");
    if (data) {
      const auto type = heap_.instance_type(*data);
      if (type && heap_.layout().type(*type).name.starts_with("UNCOMPILED_DATA")) {
        const auto name = heap_.read(*data, fields.uncompiled_inferred_name, "inferred name");
        if (name) inferred = *name;
      }
    }
  }
  return inferred ? strings_.read_word(*inferred, kMaxNameUnits).value_or("") : "";
}

// Slots after the locals (objects/scope-info.tq): saved class variable, receiver, function variable
// (name, index), inferred name; each only if the flags say so.
std::optional<TaggedWord> ConstructorNamer::scope_info_name(Address scope_info,
                                                            bool inferred) const {
  const ContainerFields& fields = heap_.layout().container;
  const BitLayout& bits = heap_.layout().bits;
  const auto flags_word = heap_.read(scope_info, fields.scope_info_flags, "scope flags");
  const auto count_word = heap_.read(scope_info, fields.scope_info_locals_count, "scope locals");
  if (!flags_word || !count_word || !is_smi(*count_word)) return {};
  const uint32_t flags = heap_.layout().has(Feature::kRawScopeInfoFlags)
                             ? static_cast<uint32_t>(*flags_word)
                             : static_cast<uint32_t>(smi_value(*flags_word));
  const auto has = [&](const BitRange& range) { return range.decode(flags) != 0; };
  if (!has(inferred ? bits.scope_info_inferred_name : bits.scope_info_function_variable)) return {};
  const auto locals = static_cast<uint64_t>(std::max(smi_value(*count_word), 0));
  const uint64_t name_slots =
      locals < heap_.layout().numbers.scope_info_max_inlined_names ? locals : 1;
  uint64_t slot = name_slots + locals;
  if (has(bits.scope_info_class_variable)) ++slot;
  if (const uint32_t receiver = bits.scope_info_receiver.decode(flags); receiver == 1 || receiver == 2) {
    ++slot;
  }
  if (inferred && has(bits.scope_info_function_variable)) slot += 2;
  const auto word = heap_.read<TaggedWord>(
      scope_info, fields.scope_info_local_names.offset() + slot * kWordBytes, "scope name");
  return word ? std::optional(*word) : std::nullopt;
}

std::string ConstructorNamer::class_name(Address object, const MapView& map) const {
  if (map.tag == TypeTag::kJSPrimitiveWrapper) return wrapper_class_name(object);
  return name_in(kClassNames, map.tag);
}

std::string ConstructorNamer::wrapper_class_name(Address object) const {
  const auto value = heap_.read(object, heap_.layout().object.wrapper_value, "wrapped value");
  if (!value) return "Object";
  if (is_smi(*value)) return "Number";
  return name_in(kWrapperClassNames, heap_.tag_of(untag(*value)));
}

}  // namespace corewalk::v8
