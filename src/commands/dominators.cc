// dominators: what would go with what, largest first.
#include <fmt/format.h>

#include <algorithm>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/retention_text.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kUsualDepth = 12;
/// What fits a line of text.
constexpr uint64_t kMaxDepth = 100;
constexpr uint64_t kUsualLimit = 10;

/// "64.8": of a hundred.
std::string percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f}", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

/// "... 412000 more, 411980 of them Session".
std::string rest_text(const DominatorRest& rest) {
  std::string text = fmt::format("... {} more", rest.count);
  if (rest.commonest.empty() || rest.count == 0) return text;
  if (rest.commonest_count == rest.count) return text + ", all " + rest.commonest;
  return text + fmt::format(", {} of them {}", rest.commonest_count, rest.commonest);
}

class Dominators final : public Command {
 public:
  void declare(OptionList& options) override {
    options.optional_address(expression_, "address",
                             "the address of an object to begin with (default: the whole heap)");
    options.number(depth_, "--depth", "N", "show N levels (default 12)");
    options.number(limit_, "-l,--limit", "N", "show N objects of each level (default 10, 0: all)");
    options.size(min_size_, "--min-size",
                 "only objects that retain at least this much, such as 1MB (default: 1 % of the "
                 "first)");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    DominatorQuery query{.isolate = isolate_.resolve(*context.session, context.progress),
                         .depth = std::min(depth_.value_or(kUsualDepth), kMaxDepth),
                         .limit = limit_.value_or(kUsualLimit),
                         .min_bytes = min_size_};
    if (expression_) query.word = context.host.evaluate(*expression_);
    const auto found = context.session->dominators(query, context.progress);
    if (!found) throw no_object(context, query.word.value_or(0));
    const ExitCode code =
        warn_about_answer(context, found->extent.coverage, found->extent.interrupted);
    if (format_.json) {
      write_answer(context, *found);
    } else {
      write_text(context, *found);
    }
    return code;
  }

 private:
  void write_text(RunContext& context, const DominatorRows& found) const {
    if (!found.is_live) {
      if (!found.rows.empty()) {
        context.output.write(object_line(found.rows.front().object, false));
      }
      return;
    }
    Table table({{"Retained", "retained_bytes", ColumnKind::kBytes, 10},
                 {"%", "percent", ColumnKind::kCount, 5},
                 {"Own", "shallow_bytes", ColumnKind::kBytes, 8},
                 {"Object", "object"}});
    const auto indented = [](size_t level, const std::string& text) {
      return std::string(2 * level, ' ') + text;
    };
    walk_tree(
        found.rows,
        [&](size_t i) {
          const GraphObject& object = found.rows[i].object;
          table.add_row({object.retained_bytes, percent(object.retained_bytes, found.total_bytes),
                         object.shallow_bytes, indented(found.rows[i].depth, object_text(object))});
        },
        [&](size_t i) {
          const DominatorRest& rest = found.rows[i].rest;
          if (rest.count == 0) return;
          table.add_row({rest.retained_bytes, percent(rest.retained_bytes, found.total_bytes),
                         std::string(), indented(found.rows[i].depth + 1, rest_text(rest))});
        });
    context.output.write(table.to_text(format_.style(context.output)));
  }

  static void write_answer(RunContext& context, const DominatorRows& found) {
    Json document = begin_json(context, "dominators");
    document["coverage"] = coverage_json(found.extent.coverage, found.extent.interrupted);
    document["live"] = found.is_live;
    document["total_bytes"] = found.total_bytes;
    document["rows"] = Json::array();
    const auto parents = parents_of(found.rows);
    for (size_t i = 0; i < found.rows.size(); ++i) {
      const DominatorRow& row = found.rows[i];
      Json json = object_json(row.object);
      json["depth"] = row.depth;
      json["parent"] = parents[i] ? Json(*parents[i]) : Json();
      json["rest"] = {{"count", row.rest.count},
                      {"retained_bytes", row.rest.retained_bytes},
                      {"commonest", json_text(row.rest.commonest)},
                      {"commonest_count", row.rest.commonest_count}};
      document["rows"].push_back(std::move(json));
    }
    context.output.write(write_json(document));
  }

  std::optional<std::string> expression_;
  std::optional<uint64_t> depth_;
  std::optional<uint64_t> limit_;
  uint64_t min_size_ = 0;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Shows what fills the heap, as a tree downwards, largest first: below an object stands what only it keeps alive, what would go with it. Retained is the object with all of that, in bytes and in percent of all live objects; Own is the object alone.

The leak is where the numbers stop being large: a Map that retains 80 % of the heap, with 400000 objects below it that retain little each. Those of one level that are too small or too many to show are counted in one line, with the class that most of them are of.

With an address the tree begins at that object. 'path' shows why it is alive, 'inspect' what is in it.)";

constexpr std::string_view kExample = R"($ v8 dominators 0xaa171807619
   Retained     %      Own Object
 ---------- ----- -------- ------
       4456   0.0       64 Session 0xaa171807619
       4280   0.0       96   Buffer 0x3705b3db30d9
       4184   0.0       88     ArrayBuffer 0x3d15355c6e11
       4096   0.0     4096       system / JSArrayBufferData
        112   0.0       96   Date 0x3705b3db3079
         16   0.0              ... 1 more, all heap number)";

}  // namespace

const CommandSpec& dominators_command() {
  static const CommandSpec kSpec = {
      .name = "dominators",
      .group = CommandGroup::kRetention,
      .summary = "Show what retains most, as a tree, largest first",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Dominators>()); },
  };
  return kSpec;
}

}  // namespace corewalk
