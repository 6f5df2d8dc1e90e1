#include "commands/stack_text.h"

#include <fmt/format.h>

#include "commands/value_text.h"
#include "report/escape.h"

namespace corewalk {
namespace {

std::string_view label(FrameKind kind) {
  switch (kind) {
    case FrameKind::kNative:
      return "native";
    case FrameKind::kInterpreted:
      return "interpreted";
    case FrameKind::kBaseline:
      return "baseline";
    case FrameKind::kOptimized:
      return "optimized";
    case FrameKind::kBuiltin:
      return "builtin";
    case FrameKind::kExit:
      return "exit";
    case FrameKind::kEntry:
      return "entry";
    case FrameKind::kConstruct:
      return "constructor";
    case FrameKind::kAdaptor:
      return "adaptor";
    case FrameKind::kInternal:
      return "internal";
    case FrameKind::kStub:
      return "stub";
    case FrameKind::kWasm:
      return "wasm";
    case FrameKind::kRegExp:
      return "regexp";
    case FrameKind::kOther:
      return "other";
  }
  return "other";
}

bool is_function(const StackFrame& frame) { return frame.shared.has_value(); }

Value value_of(RunContext& context, v8::TaggedWord word) {
  return context.session->inspect(word, {.depth = 0}, context.progress);
}

Json word_json(RunContext& context, const std::optional<v8::TaggedWord>& word) {
  return word ? value_json(value_of(context, *word)) : Json();
}

template <class Words>
Json words_json(RunContext& context, const Words& words) {
  Json list = Json::array();
  for (const std::optional<v8::TaggedWord> word : words) list.push_back(word_json(context, word));
  return list;
}

Json location_json(const v8::SourceLocation& location) {
  if (location.file.empty() && location.line == 0) return {};
  Json json = Json::object();
  add_location(json, location);
  return json;
}

std::string word_text(RunContext& context, const std::optional<v8::TaggedWord>& word) {
  return word ? value_line(value_of(context, *word)) : "<optimized out>";
}

std::string call_text(RunContext& context, const StackFrame& frame) {
  std::string arguments;
  if (frame.receiver || frame.inlined) arguments = "this=" + word_text(context, frame.receiver);
  for (const std::optional<v8::TaggedWord>& word : frame.arguments) {
    arguments += (arguments.empty() ? "" : ", ") + word_text(context, word);
  }
  return fmt::format("{}({})", frame.name.empty() ? "(anonymous)" : escape_for_terminal(frame.name),
                     arguments);
}

/// "at FILE:LINE:COLUMN (function at FILE:LINE:COLUMN)", or what is known of that.
std::string place_text(const StackFrame& frame) {
  const std::string definition = escape_for_terminal(frame.definition.text());
  if (frame.kind == FrameKind::kBuiltin || definition.empty()) return " <builtin>";
  if (frame.position.line == 0) return fmt::format(" (function at {})", definition);
  return fmt::format(" at {} (function at {})", escape_for_terminal(frame.position.text()),
                     definition);
}

/// "node`node::Abort(...) + 45", as LLDB has it; "libc.so.6 + 0x8a3c" if no symbol tells more.
std::string native_text(const NativePlace& place) {
  if (place.module.empty()) return "(in no module)";
  const std::string module =
      escape_for_terminal(std::string_view(place.module).substr(place.module.rfind('/') + 1));
  if (place.function.empty()) return fmt::format("{} + 0x{:x}", module, place.offset);
  const std::string function = escape_for_terminal(place.function);
  return place.offset == 0 ? fmt::format("{}`{}", module, function)
                           : fmt::format("{}`{} + {}", module, function, place.offset);
}

}  // namespace

std::string frame_text(RunContext& context, const StackFrame& frame) {
  if (frame.kind == FrameKind::kNative) return native_text(frame.native);
  if (!is_function(frame)) {
    const std::string code = escape_for_terminal(frame.code);
    return fmt::format("<{}>{}{}", label(frame.kind), code.empty() ? "" : " ", code);
  }
  std::string text = call_text(context, frame) + place_text(frame);
  if (frame.function) text += fmt::format(" fn=0x{:x}", *frame.function);
  if (frame.inlined) text += " (inlined)";
  return text;
}

std::string frame_variables_text(RunContext& context, const StackFrame& frame) {
  std::string text;
  if (!is_function(frame)) return text;
  if (frame.context) {
    const Value value = context.session->inspect(*frame.context, {.depth = 1}, context.progress);
    for (const Section& section : value.sections) {
      if (section.kind != SectionKind::kVariables) continue;
      for (const Member& member : section.members) {
        text += fmt::format("    {} = {}\n", escape_for_terminal(member.name),
                            value_line(member.value));
      }
    }
  }
  for (size_t i = 0; i < frame.registers.size(); ++i) {
    text += fmt::format("    r{} = {}\n", i, value_line(value_of(context, frame.registers[i])));
  }
  return text;
}

Json frame_json(RunContext& context, const StackFrame& frame, bool variables) {
  Json json = Json::object();
  json["kind"] = label(frame.kind);
  json["type"] = json_text(frame.type);
  json["frame_address"] = json_address(frame.fp);
  json["return_address"] = json_address(frame.pc);
  json["code"] = frame.code.empty() ? Json() : Json(json_text(frame.code));
  json["module"] = frame.native.module.empty() ? Json() : Json(json_text(frame.native.module));
  json["symbol"] = frame.native.function.empty() ? Json() : Json(json_text(frame.native.function));
  json["offset"] = frame.native.module.empty() ? Json() : Json(frame.native.offset);
  json["gap"] = frame.gap.empty() ? Json() : Json(json_text(frame.gap));
  json["inlined"] = frame.inlined;
  json["name"] = is_function(frame) ? Json(json_text(frame.name)) : Json();
  json["position"] = location_json(frame.position);
  json["definition"] = location_json(frame.definition);
  json["function"] = frame.function ? Json(fmt::format("0x{:x}", *frame.function)) : Json();
  json["receiver"] = word_json(context, frame.receiver);
  json["arguments"] = words_json(context, frame.arguments);
  if (variables) {
    json["context"] = word_json(context, frame.context);
    json["registers"] = words_json(context, frame.registers);
  }
  return json;
}

}  // namespace corewalk
