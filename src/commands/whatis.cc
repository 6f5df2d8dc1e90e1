// whatis: what an address lies in. mdb's ::whatis and ::v8whatis in one.
#include <fmt/format.h>

#include <array>

#include "commands/address_list.h"
#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/stack_text.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

constexpr std::array<std::string_view, 9> kKindNames = {
    "object", "free", "gap", "page_header", "stack", "symbol", "file", "memory", "unmapped"};

std::string hex(uint64_t value) { return fmt::format("0x{:x}", value); }

std::string isolate_text(const HeapPlace& place) {
  return place.isolate ? fmt::format("isolate {}", *place.isolate) : "shared by all isolates";
}

/// "old_space, page 0x2f1b3c000000, isolate 0".
std::string page_text(const HeapPlace& place) {
  return fmt::format("{}, page {}, {}", place.space, hex(place.chunk.value()), isolate_text(place));
}

std::string heap_text(const AddressInfo& info) {
  const HeapPlace& place = *info.heap;
  const uint64_t offset = info.address - place.range.begin();
  switch (info.kind) {
    case PlaceKind::kObject:
      if (offset < v8::kWordBytes && !v8::is_smi(info.address.value())) {  // a tagged pointer
        return fmt::format("the {} bytes of {}\n  {}", place.range.size(),
                           place.object ? value_line(*place.object) : "an object",
                           page_text(place));
      }
      return fmt::format("{} bytes into the {} bytes of {}{}\n  {}", offset, place.range.size(),
                         place.object ? value_line(*place.object) : "an object",
                         place.field.empty() ? "" : ", " + escape_for_terminal(place.field),
                         page_text(place));
    case PlaceKind::kFree:
      return fmt::format("free memory of the heap, {} bytes from {}\n  {}", place.range.size(),
                         hex(place.range.begin().value()), page_text(place));
    case PlaceKind::kGap:
      return fmt::format("no object: {} bytes from {} are {}\n  {}", place.range.size(),
                         hex(place.range.begin().value()), place.label, page_text(place));
    case PlaceKind::kPageHeader:
      return fmt::format("{} bytes into a page of the heap, outside of its objects\n  {}",
                         info.address - place.chunk, page_text(place));
    case PlaceKind::kStack:
    case PlaceKind::kSymbol:
    case PlaceKind::kFile:
    case PlaceKind::kMemory:
    case PlaceKind::kUnmapped:
      return {};
  }
  return {};
}

std::string stack_text(RunContext& context, const StackPlace& place) {
  std::string text =
      fmt::format("the stack of thread {}, {} bytes {} its stack pointer", place.thread_id,
                  place.above_sp + place.below_sp, place.below_sp != 0 ? "below" : "above");
  if (place.below_sp != 0) text += ": what calls left that have ended";
  if (place.frame) {
    text +=
        fmt::format("\n  in frame #{}: {}", *place.frame_number, frame_text(context, *place.frame));
  }
  return text;
}

std::string mapping_text(const AddressInfo& info) {
  std::string text = fmt::format("{}-{} {}", hex(info.mapping.begin().value()),
                                 hex(info.mapping.end().value()), info.permissions);
  if (!info.file.empty()) {
    text += fmt::format(", {} at {}", escape_for_terminal(info.file), hex(info.file_offset));
  }
  return text + (info.in_core ? "" : ", not in the core");
}

std::string place_text(RunContext& context, const AddressInfo& info) {
  switch (info.kind) {
    case PlaceKind::kObject:
    case PlaceKind::kFree:
    case PlaceKind::kGap:
    case PlaceKind::kPageHeader:
      return heap_text(info);
    case PlaceKind::kStack:
      return stack_text(context, *info.stack) + "\n  " + mapping_text(info);
    case PlaceKind::kSymbol:
      return fmt::format("{}+{}\n  {}", escape_for_terminal(info.symbol), info.symbol_offset,
                         mapping_text(info));
    case PlaceKind::kFile:
      return "a mapped file\n  " + mapping_text(info);
    case PlaceKind::kMemory:
      return "anonymous memory: of malloc, a buffer's bytes, or the like\n  " + mapping_text(info);
    case PlaceKind::kUnmapped:
      return "nothing: no mapping of the process";
  }
  return {};
}

Json heap_json(const AddressInfo& info) {
  const HeapPlace& place = *info.heap;
  Json json = Json::object();
  json["page"] = hex(place.chunk.value());
  json["space"] = place.space;
  json["isolate"] = place.isolate ? Json(*place.isolate) : Json();
  if (!place.range.empty()) {
    json["start"] = hex(place.range.begin().value());
    json["size_bytes"] = place.range.size();
    json["offset"] = info.address - place.range.begin();
  }
  if (!place.label.empty()) json["label"] = place.label;
  if (place.object) json["object"] = value_json(*place.object);
  if (!place.field.empty()) json["field"] = place.field;
  return json;
}

Json stack_json(RunContext& context, const StackPlace& place) {
  Json json = Json::object();
  json["thread_id"] = place.thread_id;
  json["above_sp"] = place.above_sp;
  json["below_sp"] = place.below_sp;
  json["frame_number"] = place.frame_number ? Json(*place.frame_number) : Json();
  json["frame"] = place.frame ? frame_json(context, *place.frame, false) : Json();
  return json;
}

Json to_json(RunContext& context, const AddressInfo& info) {
  Json json = Json::object();
  json["address"] = hex(info.address.value());
  json["kind"] = kKindNames.at(static_cast<size_t>(info.kind));
  if (info.heap) json["heap"] = heap_json(info);
  if (info.stack) json["stack"] = stack_json(context, *info.stack);
  if (!info.symbol.empty()) {
    json["symbol"] = info.symbol;
    json["symbol_offset"] = info.symbol_offset;
  }
  if (info.kind != PlaceKind::kUnmapped) {
    json["mapping"]["start"] = hex(info.mapping.begin().value());
    json["mapping"]["size_bytes"] = info.mapping.size();
    json["mapping"]["permissions"] = info.permissions;
    json["mapping"]["in_core"] = info.in_core;
    json["mapping"]["file"] = info.file.empty() ? Json() : Json(json_text(info.file));
    json["mapping"]["file_offset"] = info.file.empty() ? Json() : Json(info.file_offset);
  }
  return json;
}

class Whatis final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(expression_, "expr", "an address, tagged or not; @FILE: each line of a file");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    warn_about_target(context);
    if (names_address_list(expression_)) {
      for (const std::string& line : read_address_list(expression_)) {
        const AddressInfo info = look_up(context, line);
        context.output.write(format_.json ? write_json_line(to_json(context, info))
                                          : text_of(context, info));
        if (context.progress.interrupted()) return ExitCode::kPartial;
      }
      return ExitCode::kDone;
    }
    const AddressInfo info = look_up(context, expression_);
    if (format_.json) {
      Json document = begin_json(context, "whatis");
      document["place"] = to_json(context, info);
      context.output.write(write_json(document));
    } else {
      context.output.write(text_of(context, info));
    }
    return ExitCode::kDone;
  }

 private:
  static AddressInfo look_up(RunContext& context, const std::string& expression) {
    return context.session->whatis(Address(context.host.evaluate(expression)), context.progress);
  }
  static std::string text_of(RunContext& context, const AddressInfo& info) {
    return fmt::format("{}: {}\n", hex(info.address.value()), place_text(context, info));
  }

  std::string expression_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Says what an address lies in: an object of the heap, even if it points into its middle, with the field or element there; free memory, or what else there is on a page; a thread's stack, with the call whose frame it is in; code or data of the program by its symbol; a mapped file; other memory; or nothing.)";

constexpr std::string_view kExample = R"($ v8 whatis 0x3705b3db30f8
0x3705b3db30f8: 32 bytes into the 96 bytes of 0x3705b3db30d9:<Buffer: backingStore=0x1bd25d20, byteOffset=0, byteLength=4096>, .(byte_offset)
  old_space, page 0x3705b3d80000, isolate 0
$ v8 whatis 0x1d5f8de
0x1d5f8de: Builtins_InterpreterEntryTrampoline+222
  0xe37000-0x32e6ea4 r-x, /usr/local/bin/node at 0x195f8de)";

}  // namespace

const CommandSpec& whatis_command() {
  static const CommandSpec kSpec = {
      .name = "whatis",
      .group = CommandGroup::kObjects,
      .summary = "Tell what an address lies in",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Whatis>()); },
  };
  return kSpec;
}

}  // namespace corewalk
