// roots: what keeps objects alive from outside the heap, as V8's own heap snapshot groups it.
#include <fmt/format.h>

#include <set>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// The roots of one category in one isolate.
struct Group {
  v8::IsolateIndex isolate = 0;
  v8::RootCategory category = v8::RootCategory::kUnknown;
  uint64_t strong = 0;
  uint64_t weak = 0;
  std::set<v8::TaggedWord> objects = {};
};

std::vector<Group> to_groups(const std::vector<NamedRoot>& roots) {
  std::vector<Group> groups;
  for (const NamedRoot& named : roots) {
    const v8::GcRoot& root = named.root;
    if (groups.empty() || groups.back().category != root.category ||
        groups.back().isolate != root.isolate) {
      groups.push_back({.isolate = root.isolate, .category = root.category});
    }
    ++(root.keeps_alive ? groups.back().strong : groups.back().weak);
    groups.back().objects.insert(root.word);
  }
  return groups;
}

Table to_table(const std::vector<Group>& groups) {
  Table table({{"Isolate", "isolate", ColumnKind::kCount},
               {"Category", "category", ColumnKind::kText},
               {"Strong", "strong", ColumnKind::kCount},
               {"Weak", "weak", ColumnKind::kCount},
               {"Objects", "objects", ColumnKind::kCount}});
  for (const Group& group : groups) {
    table.add_row({uint64_t{group.isolate}, std::string(to_string(group.category)), group.strong,
                   group.weak, uint64_t{group.objects.size()}});
  }
  return table;
}

class Roots final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(verbose_, "-v,--verbose", "list every root: where it lies, its owner, its object");
    rows_.declare(options);
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const auto isolate = isolate_.resolve(*context.session, context.progress);
    const NameFilter filter(rows_.filter);
    std::vector<NamedRoot> roots = context.session->roots(context.progress);
    std::erase_if(roots, [&](const NamedRoot& named) {
      return (isolate && named.root.isolate != *isolate) || named.size_bytes < rows_.min_size ||
             !filter.passes(to_string(named.root.category));
    });
    const Coverage coverage = context.session->spaces(isolate, context.progress).coverage;
    const ExitCode code = warn_about_answer(context, coverage, false);
    const size_t total = roots.size();
    Table groups = to_table(to_groups(roots));
    if (rows_.limit) {
      if (verbose_) {
        roots.resize(std::min<size_t>(roots.size(), *rows_.limit));
      } else {
        groups.keep_first(*rows_.limit);
      }
    }
    if (format_.json) {
      Json document = begin_json(context, "roots");
      document["coverage"] = coverage_json(coverage, false);
      document["total"] = total;
      document["rows"] = json_rows(groups);
      if (verbose_) document["roots"] = roots_json(roots);
      context.output.write(write_json(document));
    } else if (verbose_) {
      context.output.write(lines(context, roots));
    } else {
      context.output.write(groups.to_text(format_.style(context.output)));
    }
    return code;
  }

 private:
  static std::string lines(RunContext& context, const std::vector<NamedRoot>& roots) {
    std::string text;
    for (const NamedRoot& named : roots) {
      const v8::GcRoot& root = named.root;
      text += fmt::format("{}: ({})", format_address(root.place), to_string(root.category));
      if (!named.owner.empty()) text += " of " + escape_for_terminal(named.owner);
      text += fmt::format(" {}=", escape_for_terminal(named.edge));
      text += value_line(context.session->inspect(root.word, {.depth = 0}, context.progress));
      if (!root.keeps_alive) text += " (weak)";
      if (root.isolate != 0) text += fmt::format(" [isolate {}]", root.isolate);
      text += '\n';
    }
    return text;
  }

  static Json roots_json(const std::vector<NamedRoot>& roots) {
    Json list = Json::array();
    for (const NamedRoot& named : roots) {
      const v8::GcRoot& root = named.root;
      list.push_back({{"isolate", root.isolate},
                      {"category", to_string(root.category)},
                      {"place", json_address(root.place)},
                      {"address", json_address(Address(root.word))},
                      {"type", named.type},
                      {"shallow_bytes", named.size_bytes},
                      {"edge", json_text(named.edge)},
                      {"edge_type", root.weak_edge ? "weak" : "internal"},
                      {"keeps_alive", root.keeps_alive},
                      {"in_snapshot", root.in_snapshot},
                      {"owner", json_text(named.owner)}});
    }
    return list;
  }

  bool verbose_ = false;
  RowOptions rows_;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Lists the words outside the heap from which V8's collector starts, grouped as V8's own heap snapshot groups them below its GC roots: the isolate's table of roots, builtins, handles of C++ code, stacks, caches. What only a weak one refers to is collected.

With -v each root is shown with the address of the word and, where it is known, whose it is: the class of Node.js that has the global handle, the thread and the call of a word on a stack. Frames of compiled code are taken word by word, so what they hold may be left over from a call that has returned.)";

constexpr std::string_view kExample = R"($ v8 roots --limit 6
 Isolate Category          Strong Weak Objects
 ------- ----------------- ------ ---- -------
       0 Builtins            2311    0    2304
       0 Compilation cache      5    0       4
       0 Extensions             1    0       1
       0 Eternal handles      557    0     557
       0 External strings       0  124     124
       0 Global handles        77   19      81
$ v8 roots -v --filter Global --limit 3
0x1b9a44e0: (Global handles) of BindingData 1=0x3ff36a79c9e9:<Object: Object>
0x1b9a45a0: (Global handles) 2=0x14ce341c21:<Float64Array: backingStore=0x1b898aa0, byteOffset=0, byteLength=256>
0x1b9a45c0: (Global handles) 3=0x3ff36a781231:<NativeContext>)";

}  // namespace

const CommandSpec& roots_command() {
  static const CommandSpec kSpec = {
      .name = "roots",
      .group = CommandGroup::kObjects,
      .summary = "List what keeps objects alive from outside the heap",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Roots>()); },
  };
  return kSpec;
}

}  // namespace corewalk
