#include "v8/constructor_name.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "v8/scope_info.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxNameUnits = 1024;   // what V8's snapshot keeps of a name
constexpr int kMaxBackPointers = 1 << 14;  // transitions of one map tree
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

/// Notices a walk that runs in a circle (Brent's algorithm): each step is compared with one of the
/// steps before it, which is renewed at every power of two.
class CircleGuard {
 public:
  /// True if `step` was seen; at the latest after a few rounds of the circle.
  [[nodiscard]] bool seen(Address step) {
    if (step == kept_) return true;
    if (++steps_ == renew_at_) {
      renew_at_ *= 2;
      kept_ = step;
    }
    return false;
  }

 private:
  Address kept_;
  uint64_t steps_ = 0;
  uint64_t renew_at_ = 1;
};

bool is_useful(const std::string& name) { return !name.empty() && name != "Object"; }

}  // namespace

ConstructorNamer::ConstructorNamer(const Heap& heap)
    : heap_(heap), properties_(heap), strings_(heap) {
  for (const Isolate& isolate : heap.isolates()) {
    const auto root = [&](std::string_view name) { return heap.root(isolate, name).value_or(0); };
    keys_.push_back({.to_string_tag = root("to_string_tag_symbol"),
                     .constructor = root("constructor_string"),
                     .name = root("name_string")});
  }
  if (keys_.empty()) keys_.emplace_back();
}

// Up to V8 9.4 every isolate has a read-only space, and so names, of its own.
const ConstructorNamer::Keys& ConstructorNamer::keys_for(Address object) const {
  const HeapPage* page = heap_.page_of(object);
  const bool owned = page != nullptr && page->isolate < keys_.size();
  return keys_[owned ? page->isolate : 0];
}

ConstructorNamer::Name ConstructorNamer::name(Address object, const MapView& map) const {
  Name found = plain_name(object, map);
  if (heap_.layout().has(Feature::kGlobalSuffixes)) {
    if (map.tag == TypeTag::kJSGlobalObject) found.text += " (global*)";
    if (map.tag == TypeTag::kJSGlobalProxy) found.text += " (global)";
  }
  return found;
}

ConstructorNamer::Name ConstructorNamer::plain_name(Address object, const MapView& map) const {
  if (map.tag == TypeTag::kJSProxy) return {.text = "Proxy"};
  if (map.new_target_is_base && !map.is_prototype_map) {
    std::string found = name_from_map(map);
    if (is_useful(found)) {
      return {.text = std::move(found), .constructor = function_at(constructor_of(map))};
    }
  }
  const bool tag_first = heap_.layout().has(Feature::kTagBeforeConstructor);
  if (auto found = name_from_chain(object, map, tag_first ? kTag : kTag | kConstructor))
    return *found;
  if (tag_first) {
    if (auto found = name_from_chain(object, map, kConstructor)) return *found;
  }
  return {.text = class_name(object, map)};
}

// With a single source the first holder of the property decides, useful or not, as in one look-up
// along the chain; with both, each object of the chain is asked for one and then the other.
std::optional<ConstructorNamer::Name> ConstructorNamer::name_from_chain(Address object,
                                                                        const MapView& map,
                                                                        unsigned sources) const {
  const bool first_holder_decides = sources != (kTag | kConstructor);
  const Keys& keys = keys_for(object);
  Address current = object;
  MapView current_map = map;
  CircleGuard circle;
  for (int step = 0; step < kMaxPrototypes && !circle.seen(current); ++step) {
    // Global proxies are behind an access check, which nothing passes here.
    const bool readable = current_map.tag != TypeTag::kJSGlobalProxy;
    if (readable && (sources & kTag) != 0) {
      const auto tag = properties_.own_property(current, current_map, keys.to_string_tag);
      auto text = tag.data ? strings_.read_word(*tag.data, kMaxNameUnits) : std::nullopt;
      if (text) return Name{.text = std::move(*text), .of_object_only = step == 0};
      if (tag.exists && first_holder_decides) return {};
    }
    if (readable && (sources & kConstructor) != 0 && step > 0) {
      const auto constructor = properties_.own_property(current, current_map, keys.constructor);
      std::string found = constructor.data ? name_of_function(*constructor.data) : "";
      if (is_useful(found)) {
        return Name{.text = std::move(found), .constructor = function_at(*constructor.data)};
      }
      if (constructor.exists && first_holder_decides) return {};
    }
    if (is_smi(current_map.prototype)) break;
    const Address next = untag(current_map.prototype);
    const auto next_map = MapView::of_object(heap_, next);
    if (!next_map || !is_js_receiver(next_map->tag)) break;  // null ends the chain
    current = next;
    current_map = *next_map;
  }
  return {};
}

bool ConstructorNamer::may_differ_within(const MapView& map) const {
  if (map.tag == TypeTag::kJSPrimitiveWrapper) return true;
  if (map.new_target_is_base && !map.is_prototype_map && is_useful(name_from_map(map)))
    return false;
  if (map.is_dictionary_map) return true;
  const TaggedWord to_string_tag = keys_for(map.map).to_string_tag;
  for (const Descriptor& descriptor : properties_.descriptors(map)) {
    if (descriptor.key == to_string_tag) return true;
  }
  return false;
}

bool ConstructorNamer::is_prototype(Address object, const MapView& map) const {
  return map.is_prototype_map &&
         properties_.own_property(object, map, keys_for(object).constructor).exists;
}

std::string ConstructorNamer::name_from_map(const MapView& map) const {
  const TaggedWord constructor = constructor_of(map);
  if (is_smi(constructor)) return {};
  const Address object = untag(constructor);
  if (heap_.tag_of(object) == TypeTag::kFunctionTemplateInfo) {
    if (!heap_.layout().has(Feature::kTemplateConstructor)) return {};
    const auto name = heap_.read(object, heap_.layout().function.template_class_name, "class name");
    return name ? strings_.read_word(*name, kMaxNameUnits).value_or("") : "";
  }
  if (heap_.layout().has(Feature::kFunctionNameProperty)) {
    if (auto redefined = name_property(object)) return *redefined;
  }
  return name_of_function(constructor);
}

// Map::GetConstructor (objects/map-inl.h): past the maps this one was derived from; a Tuple2 holds
// the constructor of functions whose `prototype` is no object.
TaggedWord ConstructorNamer::constructor_of(const MapView& map) const {
  TaggedWord word = map.constructor_or_back_pointer;
  CircleGuard circle;
  for (int step = 0; step < kMaxBackPointers && !is_smi(word); ++step) {
    if (circle.seen(untag(word))) return 0;
    const TypeTag tag = heap_.tag_of(untag(word));
    const bool is_tuple = tag == TypeTag::kTuple2;
    if (tag != TypeTag::kMap && !is_tuple) return word;
    const auto& field = is_tuple ? heap_.layout().container.tuple2_value1
                                 : heap_.layout().map.constructor_or_back_pointer;
    word = heap_.read(untag(word), field, "back pointer").value_or(0);
  }
  return 0;
}

// JSFunction::GetDebugName (objects/js-function.cc, 14.6): a data property `name` that replaced the
// accessor every function is born with as its second descriptor.
std::optional<std::string> ConstructorNamer::name_property(Address function) const {
  constexpr size_t kNameDescriptor = 1;
  const auto map = MapView::of_object(heap_, function);
  if (!map || map->tag != TypeTag::kJSFunction) return {};
  const TaggedWord name_key = keys_for(function).name;
  const auto descriptors = properties_.descriptors(*map);
  const bool is_original =
      descriptors.size() > kNameDescriptor && descriptors[kNameDescriptor].key == name_key &&
      heap_.layout()
              .type(heap_.instance_type(untag(descriptors[kNameDescriptor].value)).value_or(0))
              .name == "ACCESSOR_INFO";
  if (is_original) return {};
  const auto name = properties_.own_property(function, *map, name_key);
  return name.data ? strings_.read_word(*name.data, kMaxNameUnits) : std::nullopt;
}

std::optional<Address> ConstructorNamer::function_at(TaggedWord word) const {
  if (is_smi(word) || heap_.tag_of(untag(word)) != TypeTag::kJSFunction) return {};
  return untag(word);
}

std::string ConstructorNamer::name_of_function(TaggedWord word) const {
  if (is_smi(word) || heap_.tag_of(untag(word)) != TypeTag::kJSFunction) return {};
  const auto shared =
      heap_.follow(untag(word), heap_.layout().function.shared.offset(), "function");
  return shared ? function_name(*shared) : "";
}

std::string ConstructorNamer::own_function_name(Address shared) const {
  const auto word = heap_.read(shared, heap_.layout().function.name_or_scope_info, "function name");
  if (!word || is_smi(*word)) return {};
  const auto scope = ScopeInfoView::load(heap_, untag(*word));
  const auto name = scope ? scope->function_name() : std::optional(*word);
  return name ? strings_.read_word(*name, kMaxNameUnits).value_or("") : "";
}

std::string ConstructorNamer::function_name(Address shared) const {
  std::string own = own_function_name(shared);
  if (!own.empty()) return own;
  const FunctionFields& fields = heap_.layout().function;
  const auto word = heap_.read(shared, fields.name_or_scope_info, "function name");
  if (!word || is_smi(*word)) return {};
  std::optional<TaggedWord> inferred;
  if (const auto scope = ScopeInfoView::load(heap_, untag(*word))) {
    inferred = scope->inferred_name();
  } else if (const auto data =
                 heap_.follow(shared, fields.function_data.offset(), "function data")) {
    const auto type = heap_.instance_type(*data);
    if (type && heap_.layout().type(*type).name.starts_with("UNCOMPILED_DATA")) {
      const auto name = heap_.read(*data, fields.uncompiled_inferred_name, "inferred name");
      if (name) inferred = *name;
    }
  }
  return inferred ? strings_.read_word(*inferred, kMaxNameUnits).value_or("") : "";
}

std::string ConstructorNamer::class_name(Address object, const MapView& map) const {
  const std::string_view type = heap_.layout().type(map.instance_type).name;
  if (type == "JS_ARRAY_ITERATOR") return "Array Iterator";
  if (type.starts_with("JS_MAP_") && type.ends_with("_ITERATOR")) return "Map Iterator";
  if (type.starts_with("JS_SET_") && type.ends_with("_ITERATOR")) return "Set Iterator";
  if (map.tag == TypeTag::kJSGlobalProxy && heap_.layout().has(Feature::kGlobalSuffixes)) {
    return "Object";
  }
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
