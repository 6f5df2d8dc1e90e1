// inspect and print: what is at an address. llnode's commands of these names.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "commands/address_list.h"
#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/value_text.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// Deeper than anybody reads; what bounds the recursion over an object's members.
constexpr uint64_t kMaxDepth = 32;

/// "retains 4512 bytes; distance 7".
std::string retention_line(const Retention& retention) {
  if (!retention.is_live) return "unreachable: nothing holds it\n";
  std::string text = "retains " + format_count(retention.retained_bytes, "byte");
  if (retention.distance) text += fmt::format("; distance {}", *retention.distance);
  return text + "\n";
}

Json retention_json(const Retention& retention) {
  return {{"live", retention.is_live},
          {"retained_bytes", retention.retained_bytes},
          {"distance", retention.distance ? Json(*retention.distance) : Json()}};
}

/// The value at an address, or the command's failure: there is nothing to show.
Value value_at(RunContext& context, const std::string& expression, const InspectOptions& options) {
  const uint64_t word = context.host.evaluate(expression);
  Value value = context.session->inspect(word, options, context.progress);
  if (value.kind == ValueKind::kUnreadable) throw no_object(context, word, value.text);
  return value;
}

void write_value(RunContext& context, std::string_view name, const Value& value, bool json) {
  if (!json) {
    context.output.write(value_text(value) + "\n");
    return;
  }
  Json document = begin_json(context, name);
  document["object"] = value_json(value);
  context.output.write(write_json(document));
}

/// A value with what it retains. A Smi has no address, and retains nothing.
void write_retained(RunContext& context, const Value& value, bool json) {
  if (!value.address) return write_value(context, "inspect", value, json);
  const auto retention = context.session->retention(value.address->value(), context.progress);
  if (!retention) throw no_object(context, value.address->value());
  if (!json) {
    context.output.write(value_text(value) + "\n" + retention_line(*retention));
    return;
  }
  Json document = begin_json(context, "inspect");
  document["object"] = value_json(value);
  document["retention"] = retention_json(*retention);
  context.output.write(write_json(document));
}

/// Each value by itself, unreadable ones too; in JSON one object a line.
void write_values(RunContext& context, const std::vector<std::string>& addresses,
                  const InspectOptions& options, bool json) {
  for (const std::string& expression : addresses) {
    const uint64_t word = context.host.evaluate(expression);
    const Value value = context.session->inspect(word, options, context.progress);
    context.output.write(json ? write_json_line(value_json(value)) : value_text(value) + "\n");
    if (context.progress.interrupted()) return;
  }
}

class Print final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(expression_, "expr", "an address, as the other commands print it");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    warn_about_target(context);
    write_value(context, "print", value_at(context, expression_, {.depth = 0}), format_.json);
    return ExitCode::kDone;
  }

 private:
  std::string expression_;
  FormatOptions format_;
};

class Inspect final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(expression_, "expr",
                     "an address, as the other commands print it; @FILE: each line of a file");
    options.flag(full_string_, "-F,--full-string", "print strings whole");
    options.flag(map_, "-m,--print-map", "print the object's map, its hidden class");
    options.flag(source_, "-s,--print-source", "print the source text of a function");
    options.number(length_, "-l,-n,--length,--array-length,--output-limit", "N",
                   "show N elements, entries or bytes (default 16, 0: all)");
    options.number(string_length_, "--string-length", "N",
                   "show N characters of strings (default 16, 0: all)");
    options.flag(verbose_, "-v,--verbose,-d,--detailed", "also print the fields V8 has for it");
    options.flag(retained_, "--retained",
                 "also show what the object retains, and its distance from a root");
    options.number(depth_, "--depth", "N", "show what is in members, N levels deep (default 1)");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    warn_about_target(context);
    InspectOptions options;
    if (length_) options.array_length = options.string_length = *length_;
    if (string_length_) options.string_length = *string_length_;
    if (full_string_) options.string_length = 0;
    options.depth = static_cast<unsigned>(std::min(depth_.value_or(1), kMaxDepth));
    options.map = map_;
    options.source = source_;
    options.fields = verbose_;
    if (retained_ && names_address_list(expression_)) {
      throw Failure(ExitCode::kUsage, "--retained is of one address, not of a file of them");
    }
    if (retained_) {
      write_retained(context, value_at(context, expression_, options), format_.json);
    } else if (names_address_list(expression_)) {
      write_values(context, read_address_list(expression_), options, format_.json);
    } else {
      write_value(context, "inspect", value_at(context, expression_, options), format_.json);
    }
    return ExitCode::kDone;
  }

 private:
  std::string expression_;
  bool full_string_ = false;
  bool map_ = false;
  bool source_ = false;
  bool verbose_ = false;
  std::optional<uint64_t> length_;
  bool retained_ = false;
  std::optional<uint64_t> string_length_;
  std::optional<uint64_t> depth_;
  FormatOptions format_;
};

constexpr std::string_view kPrintDetails =
    R"(Prints the value at an address in one line. 'inspect' shows what is in it.)";

constexpr std::string_view kPrintExample = R"($ v8 print 0x185ca4811c9
0x185ca4811c9:<Object: Session>)";

constexpr std::string_view kDetails =
    R"(Prints the value at an address and what is in it: properties, elements, the entries of a Map or a Set, the variables a function closes over, the bytes of a buffer, the state of a promise, and the fields of V8's own objects. What cannot be read is marked in its place.

--retained builds the graph of the heap if that has not been done, and adds what the object retains: the bytes that would go with it. It has to be asked for, so that the answer is the same whatever ran before, and comes at once where it is not.)";

constexpr std::string_view kExample = R"($ v8 inspect --retained 0xaa171807619
0xaa171807619:<Object: Session properties {
    .id=<Smi: 757>,
    .user=0x3705b3db3061:<String: "user57">,
    .created=0x3705b3db3079:<JSDate: 1795287755444.000000>,
    .body=0x3705b3db30d9:<Buffer: backingStore=0x1bd25d20, byteOffset=0, byteLength=4096>,
    .timer=0xd1ac193c9a1:<Object: Timeout>}>
retains 4456 bytes; distance 11)";

constexpr std::array<std::string_view, 1> kInspectAliases = {"jsprint"};

}  // namespace

const CommandSpec& print_command() {
  static const CommandSpec kSpec = {
      .name = "print",
      .group = CommandGroup::kObjects,
      .summary = "Print the value at an address in one line",
      .details = kPrintDetails,
      .example = kPrintExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Print>()); },
  };
  return kSpec;
}

const CommandSpec& inspect_command() {
  static const CommandSpec kSpec = {
      .name = "inspect",
      .short_name = "i",
      .aliases = kInspectAliases,
      .group = CommandGroup::kObjects,
      .summary = "Show an object with all that is in it",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Inspect>()); },
  };
  return kSpec;
}

}  // namespace corewalk
