// retainers: who holds an object, and who holds those. The Retainers view of Chrome DevTools.
#include <fmt/format.h>

#include <algorithm>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/retention_text.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kUsualDepth = 4;
/// More than a reader follows, and what fits a line of text.
constexpr uint64_t kMaxDepth = 50;
constexpr uint64_t kUsualLimit = 5;

/// ".list of Registry 0x2f1b3c04a9a1"; of a root its name alone.
std::string retainer_text(const RetainerRow& row) {
  std::string text(2 * (row.depth - 1), ' ');
  if (!row.holder.is_root) text += edge_text(row.edge) + " of ";
  text += object_text(row.holder);
  if (row.edge.kind == EdgeKind::kWeak) text += " (weak)";
  if (row.seen) text += " (shown above)";
  return text;
}

class Retainers final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(expression_, "expr", "the address of an object, as other commands print it");
    options.number(depth_, "--depth", "N", "follow N references upwards (default 4)");
    options.number(limit_, "-l,--limit", "N",
                   "show N retainers of each object (default 5, 0: all)");
    options.flag(weak_, "--weak", "also show references that keep nothing alive");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const uint64_t word = context.host.evaluate(expression_);
    const RetainerQuery query{
        .depth = std::clamp<uint64_t>(depth_.value_or(kUsualDepth), 1, kMaxDepth),
        .limit = limit_.value_or(kUsualLimit),
        .weak = weak_};
    const auto tree = context.session->retainers(word, query, context.progress);
    if (!tree) throw no_object(context, word);
    const ExitCode code =
        warn_about_answer(context, tree->extent.coverage, tree->extent.interrupted);
    if (format_.json) {
      write_answer(context, *tree);
    } else {
      write_text(context, *tree);
    }
    return code;
  }

 private:
  void write_text(RunContext& context, const RetainerTree& tree) const {
    context.output.write(object_line(tree.object, tree.is_live));
    if (!tree.is_live || (tree.rows.empty() && tree.hidden == 0)) return;
    Table table({{"Distance", "distance", ColumnKind::kCount, 8},
                 {"Retained", "retained_bytes", ColumnKind::kBytes, 10},
                 {"Held by", "retainer"}});
    bool is_cut = false;
    const auto add_hidden = [&](size_t level, uint64_t hidden) {
      if (hidden == 0) return;
      is_cut = true;
      table.add_row({std::string(), std::string(),
                     std::string(2 * level, ' ') + fmt::format("... {} more", hidden)});
    };
    walk_tree(
        tree.rows,
        [&](size_t i) {
          const RetainerRow& row = tree.rows[i];
          table.add_row({row.holder.distance ? Cell(*row.holder.distance) : Cell(),
                         row.holder.is_root ? Cell() : row.holder.retained_bytes,
                         retainer_text(row)});
        },
        [&](size_t i) { add_hidden(tree.rows[i].depth, tree.rows[i].hidden); });
    add_hidden(0, tree.hidden);
    context.output.write(table.to_text(format_.style(context.output)));
    if (is_cut) context.output.write("(--depth and --limit show more)\n");
  }

  static void write_answer(RunContext& context, const RetainerTree& tree) {
    Json document = begin_json(context, "retainers");
    document["coverage"] = coverage_json(tree.extent.coverage, tree.extent.interrupted);
    document["object"] = object_json(tree.object);
    document["live"] = tree.is_live;
    document["hidden"] = tree.hidden;
    document["rows"] = Json::array();
    const auto parents = parents_of(tree.rows);
    for (size_t i = 0; i < tree.rows.size(); ++i) {
      const RetainerRow& row = tree.rows[i];
      Json json = object_json(row.holder);
      json["edge"] = edge_json(row.edge);
      json["depth"] = row.depth;
      json["parent"] = parents[i] ? Json(*parents[i]) : Json();
      json["seen"] = row.seen;
      json["hidden"] = row.hidden;
      document["rows"].push_back(std::move(json));
    }
    context.output.write(write_json(document));
  }

  std::string expression_;
  std::optional<uint64_t> depth_;
  std::optional<uint64_t> limit_;
  bool weak_ = false;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Shows who holds an object, who holds those, and so on up to the roots: the Retainers view of Chrome DevTools, in its words. ".user" is a property, "[3]" an element, "->cache" a variable that a closure keeps, "{table}" a field of V8's own. Those nearest to a root come first. An object that stands further up already is marked and not followed again.

Distance is the number of references from the nearest root. Retained is what would go with an object: its own bytes, and those of all that only it keeps alive. Roots stand in parentheses, with their owner where it is known.

'path' shows the shortest way alone, and 'findrefs' every word that refers to an object, dead holders included. The first call builds the graph of the heap; later ones answer at once.)";

constexpr std::string_view kExample = R"($ v8 retainers --depth 3 --limit 2 0xaa171807619
0xaa171807619 Session: retains 4456 bytes, 64 of them its own; distance 11
 Distance   Retained Held by
 -------- ---------- -------
       10          0 {6371} of system / OrderedHashMap 0x1be314f01141
        9     229448   {table} of Map 0x244a28459e51
        8        256     .sessions of Object 0x244a28455c51
        9         40     ->sessions of system / Context 0x148ff89b9421
                         ... 1 more
       14         40 ->this of system / Context 0x21d6c3360b81
       13         96   {context} of (anonymous)() 0xd1ac193cc99
       12        256     ._onTimeout of Timeout 0xd1ac193c9a1
                     ... 1 more
(--depth and --limit show more))";

}  // namespace

const CommandSpec& retainers_command() {
  static const CommandSpec kSpec = {
      .name = "retainers",
      .group = CommandGroup::kRetention,
      .summary = "Show who holds an object, as a tree up to the roots",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Retainers>()); },
  };
  return kSpec;
}

}  // namespace corewalk
