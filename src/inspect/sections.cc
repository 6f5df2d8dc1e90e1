#include "inspect/sections.h"

#include <algorithm>

#include "inspect/buffer_contents.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::TypeTag;

InspectOptions options_within(const InspectOptions& options) {
  InspectOptions inner = options;
  inner.depth = options.depth == 0 ? 0 : options.depth - 1;
  inner.map = false;
  inner.source = false;
  inner.fields = false;
  return inner;
}

uint64_t member_limit(const InspectOptions& options) {
  return options.array_length == 0 ? ValueReader::kMaxMembers
                                   : std::min(options.array_length, ValueReader::kMaxMembers);
}

namespace {

bool is_primitive(TypeTag tag) {
  return tag == TypeTag::kString || tag == TypeTag::kSymbol || tag == TypeTag::kBigInt ||
         tag == TypeTag::kHeapNumber || tag == TypeTag::kOddball;
}

void add_map(const ValueReader& reader, const v8::ObjectView& object, const InspectOptions& options,
             Value& value) {
  Section section{.kind = SectionKind::kInternal, .title = "map", .total = 1};
  section.members.push_back(
      {.name = "map", .value = reader.brief(v8::tag(object.map().map), options_within(options))});
  value.sections.push_back(std::move(section));
}

}  // namespace

void add_sections(const ValueReader& reader, const v8::ObjectView& object,
                  const InspectOptions& options, Value& value) {
  if (is_primitive(object.tag())) return;
  if (options.map) add_map(reader, object, options, value);
  if (!v8::is_js_receiver(object.tag())) {
    if (object.tag() == TypeTag::kContext || object.tag() == TypeTag::kNativeContext) {
      add_context_sections(reader, object, options, value);
    } else {
      add_field_sections(reader, object, options, value);
    }
    return;
  }
  if (v8::is_callable_function(object.tag())) add_function_sections(reader, object, options, value);
  add_special_sections(reader, object, options, value);
  add_collection_sections(reader, object, options, value);
  add_buffer_sections(reader, object, options, value);
  add_property_sections(reader, object, options, value);
  if (options.fields) add_field_sections(reader, object, options, value);
}

}  // namespace corewalk
