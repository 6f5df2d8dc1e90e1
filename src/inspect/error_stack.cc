// V8 keeps the stack of an Error under a private symbol (execution/messages.cc, ErrorUtils): as
// text, as an ErrorStackData that holds text or frames, or as an array of frames. A frame is a
// CallSiteInfo, a StackFrameInfo, or, up to V8 8, six elements of the array.
#include "inspect/error_stack.h"

#include <optional>

#include "inspect/sections.h"
#include "v8/function_view.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TaggedWord;
using v8::TypeTag;

bool is_stack_key(const v8::Heap& heap, TaggedWord key) {
  for (const v8::Isolate& isolate : heap.isolates()) {
    for (const char* name : {"error_stack_symbol", "stack_trace_symbol"}) {
      if (heap.root(isolate, name) == key) return true;
    }
  }
  return false;
}

namespace {

std::optional<TaggedWord> captured_stack(const ValueReader& reader, const ObjectView& error) {
  const auto map = v8::MapView::load(reader.heap(), error.map().map);
  if (!map) return {};
  for (const auto& property : reader.properties().own_data_properties(error.address(), *map)) {
    if (!is_stack_key(reader.heap(), property.key)) continue;
    const auto data = ObjectView::at(reader.heap(), property.value);
    if (!data || !data->is("ErrorStackData")) return property.value;
    for (const char* field :
         {"call_site_infos_or_formatted_stack", "data_for_call_site_infos_or_formatted_stack"}) {
      if (data->has(field)) return data->tagged(field).value_or(property.value);
    }
  }
  return {};
}

Member frame_member(const ValueReader& reader, const ObjectView& function, Result<ObjectView> code,
                    Result<int64_t> offset) {
  Member member{.value = reader.brief(v8::tag(function.address()), {})};
  const auto view = v8::FunctionView::of(function);
  if (view && code && offset && code->is("BytecodeArray")) {
    member.name = view->position_in(reader.sources(), *code, *offset, false).text();
  }
  return member;
}

Result<int64_t> smi_in(Result<TaggedWord> word) {
  if (!word) return word.fault();
  if (!v8::is_smi(*word)) return Fault{FaultKind::kWrongType, Address(*word), "code offset"};
  return int64_t{v8::smi_value(*word)};
}

/// A frame that is a row of array elements around its function: receiver, function, code, offset up
/// to V8 8; code, receiver, function, offset from 14.6 on.
std::optional<Member> frame_around(const ValueReader& reader, const ObjectView& array, uint64_t at,
                                   const ObjectView& function) {
  const auto object_at = [&](uint64_t offset) {
    const auto word = array.word(offset);
    return word ? ObjectView::at(reader.heap(), *word) : Result<ObjectView>(word.fault());
  };
  const auto is_code = [](const Result<ObjectView>& code) {
    return code && (code->is("BytecodeArray") || code->is("Code") || code->is("CodeWrapper") ||
                    code->is("BytecodeWrapper"));
  };
  const auto after = object_at(at + v8::kWordBytes);
  if (is_code(after)) {
    return frame_member(reader, function, after, smi_in(array.word(at + 2 * v8::kWordBytes)));
  }
  const auto before =
      at < 2 * v8::kWordBytes ? Result<ObjectView>(Fault{}) : object_at(at - 2 * v8::kWordBytes);
  if (!is_code(before)) return {};
  const auto bytecode = before->has("bytecode") ? before->object("bytecode") : before;
  return frame_member(reader, function, bytecode, smi_in(array.word(at + v8::kWordBytes)));
}

void add_frames(const ValueReader& reader, const ObjectView& array, uint64_t limit,
                Section& section) {
  const uint64_t first = reader.heap().layout().container.array_elements.offset();
  const auto add = [&](Member member) {
    ++section.total;
    if (section.members.size() < limit) section.members.push_back(std::move(member));
  };
  for (uint64_t at = first; at + v8::kWordBytes <= array.size_bytes(); at += v8::kWordBytes) {
    const auto word = array.word(at);
    const auto item =
        word ? ObjectView::at(reader.heap(), *word) : Result<ObjectView>(word.fault());
    if (!item) continue;
    if (item->tag() == TypeTag::kJSFunction) {
      if (auto frame = frame_around(reader, array, at, *item)) add(std::move(*frame));
    } else if (item->has("code_offset_or_source_position")) {
      const auto function = item->object("function");
      if (!function) continue;
      add(frame_member(reader, *function, item->object("code_object"),
                       item->number("code_offset_or_source_position")));
    }
  }
}

/// The array that has the frames: up to V8 8 there may be one of StackTraceFrames before it.
Result<ObjectView> frame_array(const ValueReader& reader, const ObjectView& array) {
  const auto first = array.word(reader.heap().layout().container.array_elements.offset());
  const auto item =
      first ? ObjectView::at(reader.heap(), *first) : Result<ObjectView>(first.fault());
  return item && item->is("StackTraceFrame") ? item->object("frame_array")
                                             : Result<ObjectView>(array);
}

}  // namespace

void add_error_sections(const ValueReader& reader, const ObjectView& error,
                        const InspectOptions& options, Value& value) {
  const auto stack = captured_stack(reader, error);
  if (!stack || v8::is_smi(*stack)) return;
  const auto data = ObjectView::at(reader.heap(), *stack);
  if (!data) return;
  if (data->tag() == TypeTag::kString) {
    constexpr uint64_t kMaxStackUnits = 1 << 20;
    Section section{.kind = SectionKind::kText, .title = "stack"};
    section.text = reader.strings().read_word(*stack, kMaxStackUnits).value_or("");
    value.sections.push_back(std::move(section));
    return;
  }
  Section section{.kind = SectionKind::kFrames, .title = "error stack"};
  const auto frames = frame_array(reader, *data);
  if (frames) add_frames(reader, *frames, member_limit(options), section);
  if (section.total != 0) value.sections.push_back(std::move(section));
}

}  // namespace corewalk
