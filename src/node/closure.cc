#include "node/closure.h"

#include "v8/scope_info.h"
#include "v8/string_reader.h"

namespace corewalk {

// The first slot of a context is its ScopeInfo (contexts.h, V8 7.8 to 14.6).
std::optional<v8::TaggedWord> closure_variable(const v8::Heap& heap, const v8::ObjectView& function,
                                               std::string_view name) {
  const auto context = function.object("context");
  if (!context) return {};
  const uint64_t slots = heap.layout().container.array_elements.offset();
  const auto scope_word = context->word(slots);
  if (!scope_word || v8::is_smi(*scope_word)) return {};
  const auto scope = v8::ScopeInfoView::load(heap, v8::untag(*scope_word));
  if (!scope) return {};
  const v8::StringReader strings(heap);
  for (const auto& local : scope->locals()) {
    if (strings.read_word(local.name, name.size() + 1) != name) continue;
    const auto word = context->word(slots + local.slot * v8::kWordBytes);
    return word ? std::optional(*word) : std::nullopt;
  }
  return {};
}

}  // namespace corewalk
