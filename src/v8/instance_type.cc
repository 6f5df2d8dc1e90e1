#include "v8/instance_type.h"

#include <algorithm>
#include <array>
#include <utility>

namespace corewalk::v8 {
namespace {

using Entry = std::pair<std::string_view, TypeTag>;

// Exact names. Whatever is not here falls to the rules below.
constexpr auto kExact = std::to_array<Entry>({
    {"SYMBOL", TypeTag::kSymbol},
    {"BIG_INT_BASE", TypeTag::kBigInt},
    {"HEAP_NUMBER", TypeTag::kHeapNumber},
    {"ODDBALL", TypeTag::kOddball},
    {"FREE_SPACE", TypeTag::kFreeSpace},
    {"FILLER", TypeTag::kFiller},
    {"MAP", TypeTag::kMap},
    {"FIXED_ARRAY", TypeTag::kFixedArray},
    {"FIXED_DOUBLE_ARRAY", TypeTag::kFixedDoubleArray},
    {"BYTE_ARRAY", TypeTag::kByteArray},
    {"PROPERTY_ARRAY", TypeTag::kPropertyArray},
    {"NAME_DICTIONARY", TypeTag::kNameDictionary},
    {"GLOBAL_DICTIONARY", TypeTag::kGlobalDictionary},
    {"NUMBER_DICTIONARY", TypeTag::kNumberDictionary},
    {"ORDERED_HASH_MAP", TypeTag::kOrderedHashMap},
    {"ORDERED_HASH_SET", TypeTag::kOrderedHashSet},
    {"EPHEMERON_HASH_TABLE", TypeTag::kEphemeronHashTable},
    {"SLOPPY_ARGUMENTS_ELEMENTS", TypeTag::kSloppyArgumentsElements},
    {"NATIVE_CONTEXT", TypeTag::kNativeContext},
    {"SCOPE_INFO", TypeTag::kScopeInfo},
    {"SCRIPT", TypeTag::kScript},
    {"FUNCTION_TEMPLATE_INFO", TypeTag::kFunctionTemplateInfo},
    {"TUPLE2", TypeTag::kTuple2},
    {"WASM_STRUCT", TypeTag::kWasmObject},
    {"WASM_ARRAY", TypeTag::kWasmObject},
    {"JS_ARRAY", TypeTag::kJSArray},
    {"JS_ARRAY_BUFFER", TypeTag::kJSArrayBuffer},
    {"JS_BOUND_FUNCTION", TypeTag::kJSBoundFunction},
    {"JS_WRAPPED_FUNCTION", TypeTag::kJSWrappedFunction},
    {"JS_DATE", TypeTag::kJSDate},
    {"JS_ERROR", TypeTag::kJSError},
    {"JS_FUNCTION", TypeTag::kJSFunction},
    {"JS_GENERATOR_OBJECT", TypeTag::kJSGeneratorObject},
    {"JS_ASYNC_FUNCTION_OBJECT", TypeTag::kJSGeneratorObject},
    {"JS_ASYNC_GENERATOR_OBJECT", TypeTag::kJSGeneratorObject},
    {"JS_GLOBAL_OBJECT", TypeTag::kJSGlobalObject},
    {"JS_GLOBAL_PROXY", TypeTag::kJSGlobalProxy},
    {"JS_MAP", TypeTag::kJSMap},
    {"JS_PRIMITIVE_WRAPPER", TypeTag::kJSPrimitiveWrapper},
    {"JS_PROXY", TypeTag::kJSProxy},
    {"JS_REG_EXP", TypeTag::kJSRegExp},
    {"JS_SET", TypeTag::kJSSet},
    {"JS_WEAK_MAP", TypeTag::kJSWeakMap},
    {"JS_WEAK_SET", TypeTag::kJSWeakSet},
    {"JS_ARGUMENTS_OBJECT", TypeTag::kJSArgumentsObject},
});

}  // namespace

TypeTag tag_for_type(std::string_view name, uint16_t number) {
  const auto* exact = std::find_if(kExact.begin(), kExact.end(),
                                   [&](const Entry& entry) { return entry.first == name; });
  if (exact != kExact.end()) return exact->second;
  if (name.ends_with("_STRING")) return TypeTag::kString;
  if (name.ends_with("_CONTEXT")) return TypeTag::kContext;
  // JS_ARRAY_CONSTRUCTOR, UINT8_TYPED_ARRAY_CONSTRUCTOR, JS_CLASS_CONSTRUCTOR: functions with a
  // type of their own (V8 9.4 and later).
  if (name.ends_with("_CONSTRUCTOR")) return TypeTag::kJSFunction;
  constexpr uint16_t kFirstTypeAboveInternals = 1024;
  if (name.starts_with("JS_") || number >= kFirstTypeAboveInternals) return TypeTag::kJSObject;
  return TypeTag::kOtherInternal;
}

std::string class_name_for_type(std::string_view name) {
  std::string spelled;
  spelled.reserve(name.size());
  bool start_of_word = true;
  for (const char c : name) {
    if (c == '_') {
      start_of_word = true;
      continue;
    }
    const bool upper = c >= 'A' && c <= 'Z';
    spelled += (upper && !start_of_word) ? static_cast<char>(c - 'A' + 'a') : c;
    start_of_word = false;
  }
  if (spelled.starts_with("Js")) spelled.replace(0, 2, "JS");
  return spelled;
}

}  // namespace corewalk::v8
