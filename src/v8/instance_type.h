#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corewalk::v8 {

/// The kinds of heap object that this code treats differently. Instance type *numbers* change with
/// every V8 version and are data (layouts/); the mapping from V8's type *names* to tags is fixed,
/// so a `switch` over tags is exhaustive in every version.
enum class TypeTag : uint8_t {
  kUnknown,  ///< not a type of this V8: the map is damaged
  // Names and numbers.
  kString,  ///< every string; the representation is in the instance type's low bits
  kSymbol,
  kBigInt,
  kHeapNumber,
  kOddball,
  // Space that holds no object.
  kFreeSpace,
  kFiller,
  // V8's own objects that something here looks into.
  kMap,
  kFixedArray,
  kFixedDoubleArray,
  kByteArray,
  kPropertyArray,
  kNameDictionary,
  kGlobalDictionary,
  kNumberDictionary,
  kOrderedHashMap,
  kOrderedHashSet,
  kEphemeronHashTable,
  kSloppyArgumentsElements,
  kContext,
  kNativeContext,  ///< V8 names it apart from other contexts
  kScopeInfo,
  kScript,
  kFunctionTemplateInfo,
  kTuple2,
  kOtherInternal,
  // JavaScript objects (JSReceiver and below).
  kJSObject,  ///< any JSObject that needs no special treatment
  kJSArray,
  kJSArrayBuffer,
  kJSBoundFunction,
  kJSDate,
  kJSError,
  kJSFunction,  ///< and every *_CONSTRUCTOR type
  kJSGeneratorObject,
  kJSGlobalObject,
  kJSGlobalProxy,
  kJSMap,
  kJSPrimitiveWrapper,
  kJSProxy,
  kJSRegExp,
  kJSSet,
  kJSWeakMap,
  kJSWeakSet,
  kJSWrappedFunction,
  kJSArgumentsObject,
  kWasmObject,  ///< WasmStruct, WasmArray: receivers without a properties word
};

[[nodiscard]] constexpr bool is_js_receiver(TypeTag tag) { return tag >= TypeTag::kJSObject; }
/// A receiver with the properties and elements words of JSObject.
[[nodiscard]] constexpr bool is_js_object(TypeTag tag) {
  return is_js_receiver(tag) && tag != TypeTag::kJSProxy && tag != TypeTag::kWasmObject;
}
[[nodiscard]] constexpr bool is_callable_function(TypeTag tag) {
  return tag == TypeTag::kJSFunction || tag == TypeTag::kJSBoundFunction ||
         tag == TypeTag::kJSWrappedFunction;
}
[[nodiscard]] constexpr bool is_free(TypeTag tag) {
  return tag == TypeTag::kFreeSpace || tag == TypeTag::kFiller;
}

/// Tag of an instance type by V8's newest name for it without `_TYPE`, e.g. "FIXED_ARRAY". The
/// number decides only what the name leaves open: from 1024 on, all types are JSReceivers
/// (objects/instance-type.h, 7.8 to 14.6).
[[nodiscard]] TypeTag tag_for_type(std::string_view name, uint16_t number);

/// "FUNCTION_TEMPLATE_INFO" -> "FunctionTemplateInfo": how V8 spells the class of a type.
[[nodiscard]] std::string class_name_for_type(std::string_view name);

/// String representations, the low three bits of a string's instance type (objects/instance-type.h;
/// unchanged from V8 7.8 to 14.6).
enum class StringRepresentation : uint8_t {
  kSequential = 0,
  kCons = 1,
  kExternal = 2,
  kSliced = 3,
  kThin = 5,
};
[[nodiscard]] constexpr std::optional<StringRepresentation> string_representation(uint16_t type) {
  switch (type & 7) {
    case 0:
      return StringRepresentation::kSequential;
    case 1:
      return StringRepresentation::kCons;
    case 2:
      return StringRepresentation::kExternal;
    case 3:
      return StringRepresentation::kSliced;
    case 5:
      return StringRepresentation::kThin;
    default:
      return {};
  }
}
[[nodiscard]] constexpr bool is_one_byte_string(uint16_t type) { return (type & 8) != 0; }
[[nodiscard]] constexpr bool is_internalized_string(uint16_t type) { return (type & 0x20) == 0; }

}  // namespace corewalk::v8
