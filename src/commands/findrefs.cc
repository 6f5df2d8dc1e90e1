// findrefs: who refers to a value, has a property, or holds a string. llnode's command of that
// name.
#include <fmt/format.h>

#include <utility>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kDefaultLimit = 1000;

std::string target_text(v8::TaggedWord target) {
  return v8::is_smi(target) ? fmt::format("<Smi: {}>", v8::smi_value(target))
                            : format_address(Address(target));
}

std::string holder_text(const Holder& holder) {
  return fmt::format("{}: {}{}={}{}", format_address(holder.address),
                     escape_for_terminal(holder.type), escape_for_terminal(holder.label),
                     target_text(holder.target), holder.weak ? " (weak)" : "");
}

std::string_view end_text(PathEnd end) {
  switch (end) {
    case PathEnd::kNone:
      return "";
    case PathEnd::kShownOnce:
      return " (its way is shown once)";
    case PathEnd::kItself:
      return " (held by what it holds alone)";
    case PathEnd::kNoRoot:
      return " (no root holds it)";
    case PathEnd::kNotSought:
      return " (no root found that holds it)";
  }
  return "";
}

/// What the holder is, for programs: "object", or the kind of root.
std::string holder_kind(const Holder& holder) {
  if (!holder.root) return "object";
  switch (holder.root->kind) {
    case v8::RootKind::kRootsTable:
      return "roots_table";
    case v8::RootKind::kIsolate:
      return "isolate";
    case v8::RootKind::kGlobalHandle:
      return "global_handle";
    case v8::RootKind::kEternalHandle:
      return "eternal_handle";
    case v8::RootKind::kHandleScope:
      return "handle_scope";
    case v8::RootKind::kMicrotaskQueue:
      return "microtask_queue";
    case v8::RootKind::kStack:
      return "stack";
    case v8::RootKind::kRegister:
      return "register";
  }
  return "root";
}

class FindRefs final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(what_, "expr", "an address; with -n a property's name, with -s a string");
    options.flag(value_, "-v,--value", "expr is a value: find who refers to it (the default)");
    options.flag(name_, "-n,--name", "expr is a name: find the objects with that property");
    options.flag(string_, "-s,--string", "expr is text: find who refers to strings of that text");
    options.flag(recursive_, "-r,--recursive", "of each holder, a way up to a root");
    options.number(limit_, "-l,--limit", "N", "show N holders (default 1000, 0: all)");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    if (int{value_} + int{name_} + int{string_} > 1) {
      throw Failure(ExitCode::kUsage, "Invalid search type: give one of -v, -n and -s");
    }
    ReferenceQuery query;
    query.kind = name_     ? ReferenceQuery::Kind::kProperty
                 : string_ ? ReferenceQuery::Kind::kString
                           : ReferenceQuery::Kind::kValue;
    query.limit = limit_.value_or(kDefaultLimit);
    if (query.kind == ReferenceQuery::Kind::kValue) {
      query.word = context.host.evaluate(what_);
    } else {
      query.text = what_;
    }
    const RootPaths paths = find(context, query);
    warn_about_target(context);
    if (context.progress.interrupted()) context.output.warn("interrupted: there may be more");
    if (format_.json) {
      write_answer(context, paths);
    } else {
      write_text(context, paths, query.limit);
    }
    return context.progress.interrupted() ? ExitCode::kPartial : ExitCode::kDone;
  }

 private:
  /// The holders, with ways up to roots if they are asked for.
  [[nodiscard]] RootPaths find(RunContext& context, const ReferenceQuery& query) const {
    if (recursive_) return context.session->root_paths(query, context.progress);
    RootPaths paths;
    for (Holder& holder : context.session->references(query, context.progress)) {
      paths.steps.push_back({.holder = std::move(holder)});
    }
    paths.start_count = paths.steps.size();
    return paths;
  }

  void write_text(RunContext& context, const RootPaths& paths, uint64_t limit) const {
    std::string text;
    for (size_t i = 0; i < paths.start_count; ++i) {
      size_t depth = 0;
      for (size_t at = i; at != PathStep::kNone; at = paths.steps[at].next, ++depth) {
        const PathStep& step = paths.steps[at];
        text.append(depth * 2, ' ');
        text += fmt::format("{}{}\n", holder_text(step.holder), end_text(step.end));
      }
    }
    if (paths.start_count == 0) text = "Nothing found\n";
    if (limit != 0 && paths.start_count >= limit) {
      text += fmt::format("(The first {}; --limit 0 shows all)\n", limit);
    }
    context.output.write(text);
  }

  static Json holder_json(const Holder& holder) {
    return {{"address", format_address(holder.address)},
            {"type", holder.type},
            {"label", holder.label},
            {"target", target_text(holder.target)},
            {"weak", holder.weak ? "weak" : "strong"},
            {"kind", holder_kind(holder)}};
  }

  void write_answer(RunContext& context, const RootPaths& paths) const {
    Json rows = Json::array();
    for (size_t i = 0; i < paths.start_count; ++i) {
      Json row = holder_json(paths.steps[i].holder);
      if (recursive_) {
        Json path = Json::array();
        size_t at = paths.steps[i].next;
        for (; at != PathStep::kNone; at = paths.steps[at].next) {
          path.push_back(holder_json(paths.steps[at].holder));
        }
        row["path"] = std::move(path);
      }
      rows.push_back(std::move(row));
    }
    Json document = begin_json(context, "findrefs");
    document["rows"] = std::move(rows);
    context.output.write(write_json(document));
  }

  std::string what_;
  bool value_ = false;
  bool name_ = false;
  bool string_ = false;
  bool recursive_ = false;
  std::optional<uint64_t> limit_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Finds the objects that refer to a value, by whatever means: a property, an element, an entry of a Map or a Set, a variable of a closure, a field of V8's own. A backing store is not shown: the object it belongs to is. Weak references are marked.

Then come the roots: words outside the heap that keep an object alive, such as handles of C++ code and the stacks of threads, with the address of the word. A word of a stack may be left over from a call that has returned. With -r each holder is followed by a short way from it to a root, by strong references alone.

The first call goes through the heap once and keeps what it found: later ones answer at once. References from read-only space, and each object's reference to its hidden class, are not looked at.)";

constexpr std::string_view kExample = R"($ v8 findrefs -r 0xaa171807619
0xd1ac192ac71: OrderedHashMap[3299]=0xaa171807619 (no root holds it)
0x244a28459e51: Map value of <Smi: 757>=0xaa171807619
  0x148ff89b9489: FunctionContext.sessions=0x244a28459e51
    0x7fff5b627f90: (Stack) of thread 16833, frame #7 write=0x148ff89b9489
0x21d6c3360b81: FunctionContext.this=0xaa171807619
  0xd1ac193cc99: Function.(context)=0x21d6c3360b81
    0xd1ac193c9a1: Timeout._onTimeout=0xd1ac193cc99
      0xd1ac193cc19: Timeout._idleNext=0xd1ac193c9a1
        0xaa171807659: Session.timer=0xd1ac193cc19
          0x244a28459e51: Map value of <Smi: 758>=0xaa171807659 (its way is shown once)
0x2cdca3594971: FixedArray[0]=0xaa171807619 (no root holds it)
0x2cdca3598259: OrderedHashMap[4323]=0xaa171807619 (no root holds it))";

}  // namespace

const CommandSpec& findrefs_command() {
  static const CommandSpec kSpec = {
      .name = "findrefs",
      .group = CommandGroup::kObjects,
      .summary = "Find who refers to an object",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<FindRefs>()); },
  };
  return kSpec;
}

}  // namespace corewalk
