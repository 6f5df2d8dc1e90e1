// Functions: the variables they close over, their source, what they are bound to; and contexts.
#include <fmt/format.h>

#include "inspect/sections.h"
#include "v8/function_view.h"
#include "v8/scope_info.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TypeTag;

namespace {

// Contexts (contexts.h, 7.8 to 14.6) begin with these slots.
constexpr uint64_t kScopeInfoSlot = 0;
constexpr uint64_t kPreviousSlot = 1;

void add_source(const ValueReader& reader, const v8::FunctionView& function, Value& value) {
  const auto script = function.script();
  const auto extent = function.extent();
  if (!script || !extent) return;
  auto text = reader.sources().text(*script, extent->begin, extent->end);
  if (!text) return;
  Section section{.kind = SectionKind::kText, .title = "source"};
  section.text = fmt::format("function {}{}", function.name(), *text);
  value.sections.push_back(std::move(section));
}

Member field_member(const ValueReader& reader, const ObjectView& object, const char* field,
                    std::string label, const InspectOptions& options) {
  Member member{.name = std::move(label)};
  const auto word = object.tagged(field);
  member.value.text = "<unreadable>";
  if (word) member.value = reader.read(*word, options);
  return member;
}

}  // namespace

void add_context_sections(const ValueReader& reader, const ObjectView& object,
                          const InspectOptions& options, Value& value) {
  const InspectOptions inner = options_within(options);
  Section fields{.kind = SectionKind::kInternal, .title = ""};
  const uint64_t slots = reader.heap().layout().container.array_elements.offset();
  const auto scope_word = object.word(slots + kScopeInfoSlot * v8::kWordBytes);
  const auto previous = object.word(slots + kPreviousSlot * v8::kWordBytes);
  if (previous && !v8::is_smi(*previous)) {
    fields.members.push_back({.name = "previous", .value = reader.read(*previous, inner)});
  }
  if (scope_word) {
    fields.members.push_back({.name = "scope_info", .value = reader.brief(*scope_word, inner)});
  }
  fields.total = fields.members.size();
  if (fields.total != 0) value.sections.push_back(std::move(fields));

  if (!scope_word || v8::is_smi(*scope_word)) return;
  const auto scope = v8::ScopeInfoView::load(reader.heap(), v8::untag(*scope_word));
  if (!scope) return;
  Section variables{.kind = SectionKind::kVariables, .title = "variables"};
  for (const auto& local : scope->locals()) {
    const auto word = object.word(slots + local.slot * v8::kWordBytes);
    Member member{.name = reader.key_text(local.name)};
    member.value.text = "<unreadable>";
    if (word) member.value = reader.read(*word, inner);
    variables.members.push_back(std::move(member));
  }
  variables.total = variables.members.size();
  if (variables.total != 0) value.sections.push_back(std::move(variables));
}

void add_function_sections(const ValueReader& reader, const ObjectView& object,
                           const InspectOptions& options, Value& value) {
  const InspectOptions inner = options_within(options);
  Section fields{.kind = SectionKind::kInternal, .title = ""};
  if (object.tag() == TypeTag::kJSBoundFunction) {
    fields.members.push_back(
        field_member(reader, object, "bound_target_function", "bound function", inner));
    fields.members.push_back(field_member(reader, object, "bound_this", "bound this", inner));
    fields.members.push_back(
        field_member(reader, object, "bound_arguments", "bound arguments", inner));
  } else if (object.tag() == TypeTag::kJSWrappedFunction) {
    fields.members.push_back(
        field_member(reader, object, "wrapped_target_function", "wrapped function", inner));
  } else {
    // The context is shown with its variables: they are what a closure is inspected for.
    InspectOptions with_variables = inner;
    with_variables.depth = options.depth;
    fields.members.push_back(field_member(reader, object, "context", "context", with_variables));
  }
  fields.total = fields.members.size();
  value.sections.push_back(std::move(fields));
  if (!options.source) return;
  const auto function = v8::FunctionView::of(object);
  if (function) add_source(reader, *function, value);
}

}  // namespace corewalk
