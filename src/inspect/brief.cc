#include "inspect/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "inspect/bigint_text.h"
#include "inspect/buffer_contents.h"
#include "inspect/date_text.h"
#include "v8/function_view.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TaggedWord;
using v8::TypeTag;

namespace {

Value string_value(const ValueReader& reader, const ObjectView& object,
                   const InspectOptions& options) {
  Value value{.kind = ValueKind::kString, .type = "String"};
  const uint64_t limit =
      options.string_length == 0 ? ValueReader::kMaxStringUnits : options.string_length;
  auto text = reader.strings().read(object.address(), limit);
  if (!text) {
    value.text = "<String: unreadable>";
    return value;
  }
  value.cut = text->truncated;
  value.text = fmt::format("<String: \"{}{}\">{}", text->utf8, text->truncated ? "..." : "",
                           text->damaged ? " (in part unreadable)" : "");
  value.primitive = std::move(text->utf8);
  return value;
}

Value oddball_value(const ValueReader& reader, const ObjectView& object) {
  Value value{.kind = ValueKind::kInternal, .type = "Oddball"};
  const auto word = object.word(reader.heap().layout().container.oddball_to_string.offset());
  const std::string name = word ? reader.key_text(*word) : "Oddball";
  value.text = "<" + name + ">";
  if (name == "undefined") value.kind = ValueKind::kUndefined;
  if (name == "null") value.kind = ValueKind::kNull;
  if (name == "true" || name == "false") {
    value.kind = ValueKind::kBoolean;
    value.primitive = name == "true";
  }
  if (reader.elements().is_hole(v8::tag(object.address()))) {
    value.kind = ValueKind::kHole;
    value.text = "<hole>";
  }
  return value;
}

Value symbol_value(const ValueReader& reader, const ObjectView& object) {
  const std::string description = reader.key_text(v8::tag(object.address()));
  return {.kind = ValueKind::kSymbol,
          .type = "Symbol",
          .text = fmt::format("<Symbol: {}>", description),
          .primitive = description};
}

Value bigint_value(const ObjectView& object) {
  Value value{.kind = ValueKind::kBigInt, .type = "BigInt", .text = "<BigInt: unreadable>"};
  if (auto text = bigint_text(object)) {
    value.text = fmt::format("<BigInt: {}n>", *text);
    value.primitive = std::move(*text);
  }
  return value;
}

/// "handler at /srv/app.js:22:41".
std::string name_and_place(const ValueReader& reader, const ObjectView& function_or_shared) {
  const auto function = v8::FunctionView::of(function_or_shared);
  if (!function) return "unreadable";
  const std::string name = function->name();
  const std::string place = function->definition(reader.sources()).text();
  return (name.empty() ? "(anonymous)" : name) + (place.empty() ? "" : " at " + place);
}

// llnode's words: an integer as such, other times with six digits.
std::string date_text(const ObjectView& object) {
  const auto time = date_time(object);
  if (!time) return "<JSDate: unreadable>";
  const auto word = object.tagged("value");
  if (word && v8::is_smi(*word)) return fmt::format("<JSDate: {}>", v8::smi_value(*word));
  return std::isnan(*time) ? "<JSDate: NaN>" : fmt::format("<JSDate: {:f}>", *time);
}

/// What `typeof` calls a function.
bool is_callable(const ObjectView& object) {
  if (object.tag() != TypeTag::kJSProxy) return v8::is_callable_function(object.tag());
  const auto map = ObjectView::load(object.heap(), object.map().map);
  return map && map->bits("bit_field", "is_callable").value_or(0) != 0;
}

std::string object_text(const ValueReader& reader, const ObjectView& object,
                        const std::string& name) {
  const TypeTag tag = object.tag();
  if (tag == TypeTag::kJSArray) {
    return fmt::format("<Array: length={}>", reader.elements().array_length(object).value_or(0));
  }
  if (tag == TypeTag::kJSFunction) {
    return fmt::format("<function: {}>", name_and_place(reader, object));
  }
  if (tag == TypeTag::kJSBoundFunction) {
    const auto target = object.object("bound_target_function");
    return fmt::format("<function: bound {}>",
                       target ? name_and_place(reader, *target) : "unreadable");
  }
  if (tag == TypeTag::kJSDate) return date_text(object);
  if (tag == TypeTag::kJSRegExp) {
    return fmt::format("<JSRegExp source=/{}/>", regexp_source(reader, object).value_or("?"));
  }
  if (tag == TypeTag::kJSGlobalProxy) return "<Global proxy>";
  if (tag == TypeTag::kJSArrayBuffer) return buffer_text(object);
  if (object.is("JSArrayBufferView")) return view_text(object, name);
  return fmt::format("<Object: {}>", name);
}

std::string internal_text(const ValueReader& reader, const ObjectView& object,
                          const std::string& name) {
  if (object.tag() == TypeTag::kScopeInfo) return "<ScopeInfo>";
  if (object.tag() == TypeTag::kContext || object.tag() == TypeTag::kNativeContext) {
    return object.tag() == TypeTag::kContext ? "<Context>" : "<NativeContext>";
  }
  if (object.tag() == TypeTag::kMap) {
    const auto map = v8::MapView::load(reader.heap(), object.address());
    if (!map) return "<Map: unreadable>";
    return fmt::format("<Map own_descriptors={} in_object_size={} instance_size={} type={}>",
                       map->own_descriptors,
                       map->instance_size_in_words -
                           std::min(map->instance_size_in_words, map->in_object_start_in_words),
                       map->instance_size_in_words * v8::kWordBytes,
                       reader.heap().layout().type(map->instance_type).name);
  }
  if (object.is("SharedFunctionInfo")) {
    return fmt::format("<SharedFunctionInfo: {}>", name_and_place(reader, object));
  }
  if (object.tag() == TypeTag::kScript) {
    return fmt::format("<Script: {}>", reader.sources().file_of(object.address()));
  }
  if (object.tag() == TypeTag::kFunctionTemplateInfo) return fmt::format("<{}>", name);
  const auto length = object.number("length");
  if (length) return fmt::format("<{}, len={}>", name, *length);
  return fmt::format("<{}>", name);
}

}  // namespace

std::optional<std::string> regexp_source(const ValueReader& reader, const ObjectView& regexp) {
  constexpr uint64_t kMaxSourceUnits = 1024;
  const auto source = regexp.tagged("source");
  return source ? reader.strings().read_word(*source, kMaxSourceUnits) : std::nullopt;
}

// RegExp.prototype.flags: in alphabetical order.
std::optional<std::string> regexp_flags(const ObjectView& regexp) {
  const auto bits = regexp.number("flags");
  if (!bits || *bits < 0) return {};
  std::string flags;
  for (int64_t bit = 1; bit <= *bits; bit <<= 1) {
    if ((*bits & bit) != 0) flags += regexp.heap().layout().enum_name("JSRegExpFlag", bit);
  }
  std::sort(flags.begin(), flags.end());
  return flags;
}

// Number::toString of ECMAScript: the shortest digits that read back as the same number, with an
// exponent outside of 1e-7 .. 1e21.
std::string number_text(double value) {
  constexpr int kMaxPlainDigits = 21;
  constexpr int kMaxLeadingZeros = 6;
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  std::array<char, 32> buffer;  // d.ddde[+-]x of 17 digits
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view scientific(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t mark = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (mark > 2) digits += scientific.substr(2, mark - 2);
  const int exponent = std::stoi(std::string(scientific.substr(mark + 1)));
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the point
  std::string text = value < 0 ? "-" : "";
  if (point > kMaxPlainDigits || point <= -kMaxLeadingZeros) {
    text += digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "");
    return text + fmt::format("e{:+}", exponent);
  }
  if (point <= 0) return text + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  if (point >= count) return text + digits + std::string(static_cast<size_t>(point - count), '0');
  const auto whole = static_cast<size_t>(point);
  return text + digits.substr(0, whole) + "." + digits.substr(whole);
}

Value smi_value(int32_t value) {
  return {.kind = ValueKind::kNumber,
          .type = "Smi",
          .text = fmt::format("<Smi: {}>", value),
          .primitive = static_cast<double>(value)};
}

Value number_value(double value) {
  return {.kind = ValueKind::kNumber,
          .type = "Number",
          .text = fmt::format("<Number: {}>", number_text(value)),
          .primitive = value};
}

Value brief_value(const ValueReader& reader, const ObjectView& object,
                  const InspectOptions& options) {
  const TypeTag tag = object.tag();
  if (tag == TypeTag::kString) return string_value(reader, object, options);
  if (tag == TypeTag::kSymbol) return symbol_value(reader, object);
  if (tag == TypeTag::kBigInt) return bigint_value(object);
  if (tag == TypeTag::kOddball) return oddball_value(reader, object);
  if (tag == TypeTag::kHeapNumber) {
    const auto number = object.bytes().read<double>(v8::kWordBytes, "number");
    return number_value(number.value_or(std::nan("")));
  }
  Value value;
  if (v8::is_js_receiver(object.tag())) {
    const auto map = v8::MapView::load(reader.heap(), object.map().map);
    value.kind = is_callable(object) ? ValueKind::kFunction : ValueKind::kObject;
    value.type = map ? reader.names().name(object.address(), *map).text : "Object";
    value.text = object_text(reader, object, value.type);
    return value;
  }
  value.kind = ValueKind::kInternal;
  value.type = v8::class_name_for_type(object.type().name);
  if (reader.elements().is_hole(v8::tag(object.address()))) {
    value.kind = ValueKind::kHole;
    value.text = "<hole>";
  } else {
    value.text = internal_text(reader, object, value.type);
  }
  return value;
}

}  // namespace corewalk
