// path: the shortest ways from roots to an object, or to all objects of a class.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/retention_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kUsualBranches = 5;
/// Branches that less than one instance in so many takes are left out.
constexpr uint64_t kUsualShare = 100;
/// A row of text begins with two blanks for each row it belongs to.
constexpr uint64_t kMaxDepth = 100;
/// What matters most of a path is its end. The names in it are cut one by one.
constexpr size_t kMaxPathCells = 1 << 16;

/// What one hop adds to a path in one line.
std::string hop_words(const PathHop& hop, bool is_last) {
  std::string words = hop.words;
  if (!is_last) add_step(words, hop.edge_words);
  return words;
}

Json hop_json(const PathHop& hop, bool is_last) {
  return {{"object", object_json(hop.object)},
          {"edge", is_last ? Json() : edge_json(hop.edge)},
          {"words", json_text(hop.words)},
          {"edge_words", is_last ? Json() : json_text(hop.edge_words)}};
}

/// Rows of merged paths that one line shows: those that all instances of the first take.
struct Line {
  size_t depth = 0;
  uint64_t count = 0;
  uint64_t retained_bytes = 0;
  uint64_t hidden = 0;
  std::string text = {};
};

std::vector<Line> lines_of(const std::vector<ClassPathRow>& rows) {
  std::vector<Line> lines;
  std::vector<size_t> open;  // of each depth of rows: the line its last one stands on
  for (size_t i = 0; i < rows.size(); ++i) {
    const ClassPathRow& row = rows[i];
    open.resize(std::min(open.size(), row.depth));
    const bool goes_on = i != 0 && row.depth == rows[i - 1].depth + 1 &&
                         row.count == rows[i - 1].count && rows[i - 1].hidden == 0;
    if (!goes_on) {
      lines.push_back({.depth = open.empty() ? 0 : lines[open.back()].depth + 1,
                       .count = row.count,
                       .retained_bytes = row.retained_bytes});
    }
    add_step(lines.back().text, row.edge_words);
    add_step(lines.back().text, row.words);
    lines.back().hidden = row.hidden;
    open.push_back(lines.size() - 1);
  }
  return lines;
}

class Path final : public Command {
 public:
  void declare(OptionList& options) override {
    options.optional_address(expression_, "address",
                             "the address of an object, as other commands print it");
    options.number(all_, "--all", "N", "show the N shortest paths (default: the shortest)");
    options.text(class_, "--class", "NAME",
                 "merge the shortest paths of all objects of this constructor");
    options.number(limit_, "--limit", "N",
                   "with --class: show N branches of each step (default 5, 0: all)");
    options.flag(verbose_, "-v,--verbose", "one step a line, with addresses and sizes");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    if (class_.has_value() == expression_.has_value()) {
      throw Failure(ExitCode::kUsage, "Give the address of an object, or --class NAME");
    }
    return class_ ? run_class(context) : run_object(context);
  }

 private:
  ExitCode run_object(RunContext& context) const {
    const uint64_t word = context.host.evaluate(*expression_);
    const auto found = context.session->retaining_paths(
        word, std::max<uint64_t>(all_.value_or(1), 1), context.progress);
    if (!found) throw no_object(context, word);
    const ExitCode code =
        warn_about_answer(context, found->extent.coverage, found->extent.interrupted);
    if (format_.json) {
      write_paths_json(context, *found);
    } else {
      write_paths(context, *found);
    }
    return code;
  }

  void write_paths(RunContext& context, const RetainingPaths& found) const {
    if (!found.is_live) return context.output.write(object_line(found.object, false));
    bool is_first = true;
    for (const std::vector<PathHop>& hops : found.paths) {
      if (!verbose_) {
        context.output.write(escape_for_terminal(path_line(hops)) + "\n");
        continue;
      }
      if (!std::exchange(is_first, false)) context.output.write("\n");
      write_steps(context, hops);
    }
    if (found.more && all_) context.output.write("(There are more)\n");
  }

  void write_steps(RunContext& context, const std::vector<PathHop>& hops) const {
    Table table({{"Distance", "distance", ColumnKind::kCount, 8},
                 {"Retained", "retained_bytes", ColumnKind::kBytes, 10},
                 {"Object", "object"},
                 {"Holds by", "edge"},
                 {"In words", "words"}});
    for (size_t i = 0; i < hops.size(); ++i) {
      const PathHop& hop = hops[i];
      const GraphObject& object = hop.object;
      const bool is_last = i + 1 == hops.size();
      const bool has_edge = !is_last && !object.is_root;
      table.add_row({object.distance ? Cell(*object.distance) : Cell(),
                     object.is_root ? Cell() : object.retained_bytes, object_text(object),
                     has_edge ? edge_text(hop.edge) : "", hop_words(hop, is_last)});
    }
    context.output.write(table.to_text(format_.style(context.output)));
  }

  static void write_paths_json(RunContext& context, const RetainingPaths& found) {
    Json document = begin_json(context, "path");
    document["coverage"] = coverage_json(found.extent.coverage, found.extent.interrupted);
    document["object"] = object_json(found.object);
    document["live"] = found.is_live;
    document["more"] = found.more;
    document["paths"] = Json::array();
    for (const std::vector<PathHop>& hops : found.paths) {
      Json path = {{"text", path_line(hops)}, {"hops", Json::array()}};
      for (size_t i = 0; i < hops.size(); ++i) {
        path["hops"].push_back(hop_json(hops[i], i + 1 == hops.size()));
      }
      document["paths"].push_back(std::move(path));
    }
    context.output.write(write_json(document));
  }

  ExitCode run_class(RunContext& context) const {
    ClassPathQuery query{.name = *class_,
                         .isolate = isolate_.resolve(*context.session, context.progress),
                         .depth = kMaxDepth,
                         .limit = limit_.value_or(kUsualBranches)};
    if (!limit_) query.least_share = kUsualShare;
    const ClassPaths found = context.session->class_paths(query, context.progress);
    if (found.live_count + found.dead_count == 0) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("no objects of '{}': '{}findjsobjects' lists the constructors",
                                escape_for_terminal(*class_), context.host.caller));
    }
    const ExitCode code =
        warn_about_answer(context, found.extent.coverage, found.extent.interrupted);
    if (format_.json) {
      write_class_json(context, found);
    } else {
      write_class(context, found);
    }
    return code;
  }

  /// "5000 Session, 3 of them dead".
  [[nodiscard]] std::string class_line(const ClassPaths& found) const {
    std::string text =
        fmt::format("{} {}", found.live_count + found.dead_count, escape_for_terminal(*class_));
    if (found.live_count == 0) return text + ": unreachable: nothing holds them\n";
    if (found.dead_count != 0) {
      text += fmt::format(", {} of them unreachable", found.dead_count);
    }
    return text + fmt::format(": {} retain {}\n", found.live_count,
                              format_count(found.retained_bytes, "byte"));
  }

  void write_class(RunContext& context, const ClassPaths& found) const {
    context.output.write(class_line(found));
    if (found.live_count == 0) return;
    Table table({{"Instances", "count", ColumnKind::kCount, 9},
                 {"Retained", "retained_bytes", ColumnKind::kBytes, 10},
                 {.title = "Held by", .key = "path", .max_cells = kMaxPathCells}});
    const auto add_hidden = [&](size_t level, uint64_t hidden) {
      if (hidden == 0) return;
      table.add_row({std::string(), std::string(),
                     std::string(2 * level, ' ') + fmt::format("... {} more", hidden)});
    };
    const std::vector<Line> lines = lines_of(found.rows);
    walk_tree(
        lines,
        [&](size_t i) {
          const Line& line = lines[i];
          table.add_row(
              {line.count, line.retained_bytes, std::string(2 * line.depth, ' ') + line.text});
        },
        [&](size_t i) { add_hidden(lines[i].depth + 1, lines[i].hidden); });
    add_hidden(0, found.hidden);
    context.output.write(table.to_text(format_.style(context.output)));
  }

  static void write_class_json(RunContext& context, const ClassPaths& found) {
    Json document = begin_json(context, "path");
    document["coverage"] = coverage_json(found.extent.coverage, found.extent.interrupted);
    document["live_count"] = found.live_count;
    document["dead_count"] = found.dead_count;
    document["retained_bytes"] = found.retained_bytes;
    document["hidden"] = found.hidden;
    document["rows"] = Json::array();
    const auto parents = parents_of(found.rows);
    for (size_t i = 0; i < found.rows.size(); ++i) {
      const ClassPathRow& row = found.rows[i];
      Json json = Json::object();
      json["depth"] = row.depth;
      json["parent"] = parents[i] ? Json(*parents[i]) : Json();
      json["edge"] = row.depth == 0 ? Json() : edge_json(row.edge);
      json["edge_words"] = json_text(row.edge_words);
      json["object"] = object_json(row.object);
      json["words"] = json_text(row.words);
      json["count"] = row.count;
      json["retained_bytes"] = row.retained_bytes;
      json["hidden"] = row.hidden;
      document["rows"].push_back(std::move(json));
    }
    context.output.write(write_json(document));
  }

  std::optional<std::string> expression_;
  std::optional<uint64_t> all_;
  std::optional<std::string> class_;
  std::optional<uint64_t> limit_;
  bool verbose_ = false;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Shows the shortest way by which a root keeps an object alive, from the root to the object. V8's own objects between are left out where their meaning can be said: a function and its context are the closure whose variable it is, a Map and its table the value of a key. -v shows every object, with its address and what it retains.

With --class the shortest paths of all live objects of a constructor are merged where they take the same steps: how many objects are held by each way, and what they retain. Steps that all of them take stand on one line. Ways that not one object in a hundred takes are left out, unless --limit says how many to show.

An object that no root keeps alive is unreachable: the next collection would have freed it. 'findrefs' shows what refers to it all the same. 'retainers' shows all that holds an object.)";

constexpr std::string_view kExample = R"($ v8 path 0xaa171807619
global.queueMicrotask -> module node:internal/process/task_queues -> closure variable process -> process.mainModule -> module ./server.js.children -> Array[1] -> module ./lib/session.js.exports -> Object.sessions -> Map -> value of 757 -> Session
$ v8 path --class Session
5001 Session: 5001 retain 22284456 bytes
 Instances   Retained Held by
 --------- ---------- -------
      5001   22284456 global
      4996   22262176   .queueMicrotask -> module node:internal/process/task_queues -> closure variable process -> process.mainModule -> module ./server.js.children -> Array[*] -> module ./lib/session.js.exports -> Object.sessions -> Map -> value -> Session
                        ... 1 more)";

}  // namespace

const CommandSpec& path_command() {
  static const CommandSpec kSpec = {
      .name = "path",
      .group = CommandGroup::kRetention,
      .summary = "Show the shortest way from a root to an object, or to all of a class",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Path>()); },
  };
  return kSpec;
}

}  // namespace corewalk
