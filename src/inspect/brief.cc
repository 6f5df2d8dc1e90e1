#include "inspect/brief.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "inspect/bigint_text.h"
#include "inspect/buffer_contents.h"
#include "v8/function_view.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TaggedWord;
using v8::TypeTag;

namespace {

/// JavaScript writes numbers from here on with an exponent.
constexpr double kFirstExponential = 1e21;

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

std::string function_text(const ValueReader& reader, const ObjectView& object) {
  const auto function = v8::FunctionView::of(object);
  if (!function) return "<function: unreadable>";
  const std::string name = function->name();
  const std::string place = function->definition(reader.sources()).text();
  return fmt::format("<function: {}{}{}>", name.empty() ? "(anonymous)" : name,
                     place.empty() ? "" : " at ", place);
}

std::string date_text(const ValueReader& reader, const ObjectView& object) {
  const auto word = object.tagged("value");
  if (word && v8::is_smi(*word)) return fmt::format("<JSDate: {}>", v8::smi_value(*word));
  std::optional<double> time;
  if (const auto* field = v8::Layout::field(object.type().object_class, "value")) {
    if (field->kind == v8::FieldKind::kFloat64) {
      const auto value = object.bytes().read<double>(field->offset);
      if (value) time = *value;
    } else if (word && reader.heap().tag_of(v8::untag(*word)) == TypeTag::kHeapNumber) {
      const auto value = reader.heap().read<double>(v8::untag(*word), v8::kWordBytes, "time");
      if (value) time = *value;
    }
  }
  return time ? fmt::format("<JSDate: {:f}>", *time) : "<JSDate: unreadable>";
}

std::string regexp_text(const ValueReader& reader, const ObjectView& object) {
  constexpr uint64_t kMaxSourceUnits = 1024;
  const auto source = object.tagged("source");
  const auto text = source ? reader.strings().read_word(*source, kMaxSourceUnits) : std::nullopt;
  return fmt::format("<JSRegExp source=/{}/>", text.value_or("?"));
}

std::string object_text(const ValueReader& reader, const ObjectView& object,
                        const std::string& name) {
  const TypeTag tag = object.tag();
  if (tag == TypeTag::kJSArray) {
    return fmt::format("<Array: length={}>", reader.elements().array_length(object).value_or(0));
  }
  if (tag == TypeTag::kJSFunction) return function_text(reader, object);
  if (tag == TypeTag::kJSDate) return date_text(reader, object);
  if (tag == TypeTag::kJSRegExp) return regexp_text(reader, object);
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
                       map->instance_size_in_words - std::min(map->instance_size_in_words,
                                                              map->in_object_start_in_words),
                       map->instance_size_in_words * v8::kWordBytes,
                       reader.heap().layout().type(map->instance_type).name);
  }
  const auto length = object.number("length");
  if (length) return fmt::format("<{}, len={}>", name, *length);
  return fmt::format("<{}>", name);
}

}  // namespace

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value == std::floor(value) && std::abs(value) < kFirstExponential) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{}", value);
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
    value.kind = v8::is_callable_function(object.tag()) ? ValueKind::kFunction : ValueKind::kObject;
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
