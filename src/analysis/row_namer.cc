#include "analysis/row_namer.h"

namespace corewalk {

using v8::TypeTag;

namespace {

RowName string_row(uint16_t instance_type) {
  const auto representation = v8::string_representation(instance_type);
  if (representation == v8::StringRepresentation::kCons) {
    return {RowKind::kJavaScript, "(concatenated string)", {}};
  }
  if (representation == v8::StringRepresentation::kSliced) {
    return {RowKind::kJavaScript, "(sliced string)", {}};
  }
  return {RowKind::kJavaScript, "(string)", {}};
}

}  // namespace

bool RowNamer::differs_within(const v8::MapInfo& map) const {
  if (map.tag == TypeTag::kSymbol) return true;
  if (!v8::is_js_receiver(map.tag) || v8::is_callable_function(map.tag)) return false;
  if (map.tag == TypeTag::kJSRegExp || map.tag == TypeTag::kWasmObject) return false;
  const auto view = v8::MapView::load(heap_, map.map);
  return view && constructors_.may_differ_within(*view);
}

RowName RowNamer::name(Address object, const v8::MapInfo& map) const {
  if (v8::is_callable_function(map.tag)) return {RowKind::kJavaScript, "Function", {}};
  if (map.tag == TypeTag::kJSRegExp) return {RowKind::kJavaScript, "RegExp", {}};
  // A snapshot names these by their type in the module, "$type3 (wasm)".
  if (map.tag == TypeTag::kWasmObject) return {RowKind::kJavaScript, "(wasm object)", {}};
  if (v8::is_js_receiver(map.tag)) {
    const auto view = v8::MapView::load(heap_, map.map);
    if (!view) return {RowKind::kJavaScript, "(unreadable)", {}};
    std::string name = constructors_.name(object, *view).text;
    if (constructors_.is_prototype(object, *view)) {
      return {RowKind::kJavaScript, "(prototype)", std::move(name)};
    }
    return {RowKind::kJavaScript, std::move(name), {}};
  }
  if (map.tag == TypeTag::kString) return string_row(map.instance_type);
  if (map.tag == TypeTag::kBigInt) return {RowKind::kJavaScript, "(bigint)", {}};
  if (map.tag == TypeTag::kHeapNumber) return {RowKind::kJavaScript, "(number)", {}};
  if (map.tag == TypeTag::kContext) return {RowKind::kInternal, "system / Context", {}};
  if (map.tag == TypeTag::kSymbol) {
    const auto flags = heap_.read(object, heap_.layout().string.symbol_flags, "symbol flags");
    const v8::BitRange& is_private = heap_.layout().bits.symbol_private;
    if (is_private.decode(flags.value_or(0)) != 0)
      return {RowKind::kInternal, "private symbol", {}};
    return {RowKind::kJavaScript, "(symbol)", {}};
  }
  return {RowKind::kInternal, "system / " + v8::class_name_for_type(map.type->name), {}};
}

}  // namespace corewalk
