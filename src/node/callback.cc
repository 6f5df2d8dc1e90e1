#include "node/callback.h"

#include <array>
#include <string_view>

#include "node/closure.h"
#include "v8/function_view.h"
#include "v8/object_view.h"

namespace corewalk {
namespace {

using v8::ObjectView;
using v8::TypeTag;

/// What Node's own functions call the one they were given (lib/fs.js, lib/dns.js, 12 to 26).
constexpr std::array<std::string_view, 3> kCallbackNames = {"cb", "callback", "listener"};
constexpr int kMaxWrappers = 4;

/// "node:fs", and up to Node 14 "fs.js": files of the program's have a path or a URL.
bool is_nodes_own(const std::string& file) {
  return file.starts_with("node:") || (!file.empty() && file.find('/') == std::string::npos) ||
         file.starts_with("internal/");
}

/// The function among the variables of a closure that a callback was kept in.
std::optional<v8::TaggedWord> kept_callback(const v8::Heap& heap, const ObjectView& function) {
  for (const std::string_view name : kCallbackNames) {
    const auto word = closure_variable(heap, function, name);
    if (word && !v8::is_smi(*word) && heap.tag_of(v8::untag(*word)) == TypeTag::kJSFunction) {
      return word;
    }
  }
  return {};
}

}  // namespace

std::optional<Callback> read_callback(const v8::Heap& heap, v8::TaggedWord word,
                                      v8::SourceLocator& sources) {
  std::optional<Callback> found;
  for (int i = 0; i < kMaxWrappers; ++i) {
    const auto object = ObjectView::at(heap, word);
    if (!object || object->tag() == TypeTag::kJSProxy) break;
    if (object->tag() == TypeTag::kJSBoundFunction) {
      const auto target = object->tagged("bound_target_function");
      if (!target) break;
      word = *target;
      continue;
    }
    if (object->tag() != TypeTag::kJSFunction) break;
    const auto function = v8::FunctionView::of(*object);
    if (!function) break;
    found = Callback{Address(v8::tag(object->address())), function->name(),
                     function->definition(sources)};
    const auto inner =
        is_nodes_own(found->place.file) ? kept_callback(heap, *object) : std::nullopt;
    if (!inner) break;
    word = *inner;
  }
  return found;
}

}  // namespace corewalk
