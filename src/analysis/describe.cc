#include "analysis/describe.h"

#include <fmt/format.h>

#include "v8/constructor_name.h"
#include "v8/string_reader.h"

namespace corewalk {
namespace {

constexpr uint64_t kShownUnits = 64;

std::string describe_string(const v8::Heap& heap, Address object) {
  const auto text = v8::StringReader(heap).read(object, kShownUnits);
  if (!text) return "<String: unreadable>";
  return fmt::format("<String: \"{}{}\">", text->utf8, text->truncated ? "..." : "");
}

std::string describe_function(const v8::Heap& heap, Address object) {
  const auto shared =
      heap.follow(object, heap.layout().function.shared.offset(), "shared function info");
  return fmt::format("<function: {}>",
                     shared ? v8::ConstructorNamer(heap).function_name(*shared) : "");
}

}  // namespace

std::string describe_object(const v8::Heap& heap, Address object, const v8::MapInfo& map,
                            std::string_view name) {
  if (map.tag == v8::TypeTag::kString) return describe_string(heap, object);
  if (map.tag == v8::TypeTag::kJSFunction) return describe_function(heap, object);
  if (map.tag == v8::TypeTag::kJSArray) {
    const auto length = heap.read(object, heap.layout().object.array_length, "array length");
    if (length && v8::is_smi(*length))
      return fmt::format("<Array: length={}>", v8::smi_value(*length));
  }
  if (!v8::is_js_receiver(map.tag)) return fmt::format("<{}>", name);
  return fmt::format("<Object: {}>", name);
}

}  // namespace corewalk
