// findrefs: who refers to a value, has a property, or holds a string. llnode's command of that
// name.
#include <fmt/format.h>

#include <set>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kDefaultLimit = 1000;
/// Of the tree that -r prints.
constexpr size_t kMaxDepth = 20;
constexpr uint64_t kMaxChildren = 20;

std::string target_text(v8::TaggedWord target) {
  return v8::is_smi(target) ? fmt::format("<Smi: {}>", v8::smi_value(target))
                            : format_address(Address(target));
}

std::string holder_text(const Holder& holder) {
  return fmt::format("{}: {}{}={}{}", format_address(holder.address),
                     escape_for_terminal(holder.type), escape_for_terminal(holder.label),
                     target_text(holder.target), holder.weak ? " (weak)" : "");
}

class FindRefs final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(what_, "expr", "an address; with -n a property's name, with -s a string");
    options.flag(value_, "-v,--value", "expr is a value: find who refers to it (the default)");
    options.flag(name_, "-n,--name", "expr is a name: find the objects with that property");
    options.flag(string_, "-s,--string", "expr is text: find who refers to strings of that text");
    options.flag(recursive_, "-r,--recursive", "then who refers to those, and so on: a tree");
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
    const std::vector<Holder> holders = context.session->references(query, context.progress);
    warn_about_target(context);
    if (context.progress.interrupted()) context.output.warn("interrupted: there may be more");
    if (format_.json) {
      write_answer(context, holders);
    } else {
      write_text(context, holders, query.limit);
    }
    return context.progress.interrupted() ? ExitCode::kPartial : ExitCode::kDone;
  }

 private:
  void write_text(RunContext& context, const std::vector<Holder>& holders, uint64_t limit) const {
    std::string text;
    std::set<Address> seen;
    for (const Holder& holder : holders) {
      text += holder_text(holder) + "\n";
      if (recursive_) add_tree(context, holder.address, 1, seen, text);
    }
    if (holders.empty()) text = "Nothing found\n";
    if (limit != 0 && holders.size() >= limit) {
      text += fmt::format("(The first {}; --limit 0 shows all)\n", limit);
    }
    context.output.write(text);
  }

  /// The holders of a holder, indented, each object once.
  void add_tree(RunContext& context, Address object, size_t depth, std::set<Address>& seen,
                std::string& text) const {
    if (depth > kMaxDepth || !seen.insert(object).second || context.progress.interrupted()) return;
    ReferenceQuery query;
    query.word = object.value();
    query.limit = kMaxChildren;
    for (const Holder& holder : context.session->references(query, context.progress)) {
      text.append(depth * 2, ' ');
      text += holder_text(holder) + (seen.contains(holder.address) ? " (seen above)" : "") + "\n";
      add_tree(context, holder.address, depth + 1, seen, text);
    }
  }

  static void write_answer(RunContext& context, const std::vector<Holder>& holders) {
    Table table({{"", "address", ColumnKind::kAddress},
                 {"", "type"},
                 {"", "label"},
                 {"", "target"},
                 {"", "weak"}});
    for (const Holder& holder : holders) {
      table.add_row({holder.address, holder.type, holder.label, target_text(holder.target),
                     std::string(holder.weak ? "weak" : "strong")});
    }
    Json document = begin_json(context, "findrefs");
    document["rows"] = json_rows(table);
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

The first call goes through the heap once and keeps what it found: later ones answer at once. References from read-only space, and each object's reference to its hidden class, are not looked at.)";

constexpr std::string_view kExample = R"($ v8 findrefs 0x2f1b3c04aa09
0x2f1b3c04a9a1: Session.user=0x2f1b3c04aa09
0x2f1b3c0517b1: (Array)[3]=0x2f1b3c04aa09)";

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
