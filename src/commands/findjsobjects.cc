// findjsobjects: how many objects of each constructor, and what they take. llnode's command of that
// name, with its columns and its order (fewest instances first, so that the largest numbers stand
// where the eye is: at the prompt).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

enum class SortOrder : uint8_t { kCount, kSize, kRetained, kDistance, kName };

/// More properties than this are not listed in a row of text.
constexpr size_t kMaxPropertiesShown = 20;

/// What rows of one kind add up to.
struct Sum {
  uint64_t rows = 0;
  uint64_t count = 0;
  uint64_t shallow_bytes = 0;
  uint64_t external_bytes = 0;

  template <class Row>
  void add(const Row& row) {
    ++rows;
    count += row.count;
    shallow_bytes += row.shallow_bytes;
    external_bytes += row.external_bytes;
  }
};

Json to_json(const Sum& sum) {
  Json json = Json::object();
  json["rows"] = sum.rows;
  json["count"] = sum.count;
  json["shallow_bytes"] = sum.shallow_bytes;
  json["external_bytes"] = sum.external_bytes;
  return json;
}

std::string_view kind_name(RowKind kind) {
  return kind == RowKind::kInternal ? "internal" : "javascript";
}

/// "Session: id, user, created".
std::string shape_title(const ShapeRow& shape) {
  std::string title = shape.name;
  if (shape.dictionary_mode) return title + ": (dictionary)";
  const size_t shown = std::min(shape.properties.size(), kMaxPropertiesShown);
  for (size_t i = 0; i < shown; ++i) title += (i == 0 ? ": " : ", ") + shape.properties[i];
  if (shown < shape.properties.size()) {
    title += fmt::format(", ... {} more", shape.properties.size() - shown);
  }
  return title;
}

/// How one kind of row becomes a table.
struct ConstructorTable {
  using Row = CensusRow;
  static constexpr size_t kCountColumn = 0;
  static constexpr size_t kSizeColumn = 1;
  static constexpr size_t kNameColumn = 3;

  static Table make() {
    return Table({{"Instances", "count", ColumnKind::kCount, 10},
                  {"Total Size", "shallow_bytes", ColumnKind::kBytes, 10},
                  {"External", "external_bytes", ColumnKind::kBytes, 10},
                  {"Name", "name"},
                  {"", "kind", ColumnKind::kText, 0, Audience::kJsonOnly},
                  {"", "self_bytes", ColumnKind::kBytes, 0, Audience::kJsonOnly},
                  {"", "sample_address", ColumnKind::kAddress, 0, Audience::kJsonOnly}});
  }
  static std::vector<Cell> cells(const Row& row) {
    return {row.count,
            row.shallow_bytes,
            row.external_bytes,
            row.name,
            std::string(kind_name(row.kind)),
            row.self_bytes,
            row.sample};
  }
  static std::vector<Cell> totals(const Sum& sum) {
    return {sum.count, sum.shallow_bytes, sum.external_bytes, {}, {}, {}, {}};
  }
};

struct ShapeTable {
  using Row = ShapeRow;
  static constexpr size_t kCountColumn = 1;
  static constexpr size_t kSizeColumn = 2;
  static constexpr size_t kNameColumn = 6;

  static Table make() {
    return Table({{"Sample Obj.", "sample_address", ColumnKind::kAddress, 14},
                  {"Instances", "count", ColumnKind::kCount, 10},
                  {"Total Size", "shallow_bytes", ColumnKind::kBytes, 11},
                  {"External", "external_bytes", ColumnKind::kBytes, 10},
                  {"Properties", "property_count", ColumnKind::kCount, 11},
                  {"Elements", "element_count", ColumnKind::kCount, 9},
                  {"Name", "title", ColumnKind::kText, 0, Audience::kTextOnly},
                  {"", "name", ColumnKind::kText, 0, Audience::kJsonOnly},
                  {"", "kind", ColumnKind::kText, 0, Audience::kJsonOnly},
                  {"", "dictionary_mode", ColumnKind::kText, 0, Audience::kJsonOnly},
                  {"", "properties", ColumnKind::kText, 0, Audience::kJsonOnly}});
  }
  static std::vector<Cell> cells(const Row& row) {
    return {row.sample,          row.count,          row.shallow_bytes,
            row.external_bytes,  row.property_count, row.element_count,
            shape_title(row),    row.name,           std::string(kind_name(row.kind)),
            row.dictionary_mode, row.properties};
  }
  static std::vector<Cell> totals(const Sum& sum) {
    return {{}, sum.count, sum.shallow_bytes, sum.external_bytes, {}, {}, {}, {}, {}, {}, {}};
  }
};

/// A Form and, of live objects, what they retain and how far they are from a root: two columns in
/// front of the name.
template <class Form>
class Columns {
 public:
  using Row = typename Form::Row;

  explicit Columns(bool retention) : retention_(retention) {}

  [[nodiscard]] Table make() const {
    const Table plain = Form::make();
    std::vector<Column> columns(plain.columns().begin(), plain.columns().end());
    if (retention_) {
      columns.insert(columns.begin() + Form::kNameColumn,
                     {{"Retained", "retained_bytes", ColumnKind::kBytes, 10},
                      {"Distance", "distance", ColumnKind::kCount, 8}});
    }
    return Table(std::move(columns));
  }
  [[nodiscard]] std::vector<Cell> cells(const Row& row) const {
    return with(Form::cells(row), row.retained_bytes, row.distance);
  }
  [[nodiscard]] std::vector<Cell> totals(const Sum& sum) const {
    return with(Form::totals(sum), {}, {});
  }
  [[nodiscard]] SortKey name() const { return {Form::kNameColumn + (retention_ ? 2U : 0U)}; }
  [[nodiscard]] static SortKey retained() { return {Form::kNameColumn}; }
  [[nodiscard]] static SortKey distance() { return {Form::kNameColumn + 1}; }

 private:
  [[nodiscard]] std::vector<Cell> with(std::vector<Cell> cells, std::optional<uint64_t> retained,
                                       std::optional<uint64_t> distance) const {
    if (!retention_) return cells;
    cells.insert(cells.begin() + Form::kNameColumn,
                 {retained ? Cell(*retained) : Cell(), distance ? Cell(*distance) : Cell()});
    return cells;
  }

  bool retention_;
};

class FindJsObjects final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(detailed_, "-d,--detailed",
                 "one row per shape (hidden class), with a sample object and its properties");
    options.flag(live_, "--live",
                 "only objects that a root keeps alive; also what they retain, and how far from a "
                 "root they are");
    options.flag(dead_, "--dead", "only objects that the next collection would have freed");
    options.choice(order_, "--sort",
                   {{"count", SortOrder::kCount},
                    {"size", SortOrder::kSize},
                    {"retained", SortOrder::kRetained},
                    {"distance", SortOrder::kDistance},
                    {"name", SortOrder::kName}},
                   "order of the rows; the largest come last (default: count)");
    rows_.declare(options);
    options.flag(internals_, "--internals",
                 "also show V8's own objects: hidden classes, code, feedback, ...");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    check_options();
    const NameFilter filter(rows_.filter);
    CensusOptions options;
    options.isolate = isolate_.resolve(*context.session, context.progress);
    if (detailed_ && (live_ || dead_)) {
      throw Failure(ExitCode::kUsage, "-d does not go with --live or --dead");
    }
    options.shapes = detailed_;
    options.liveness = live_ ? Liveness::kLive : dead_ ? Liveness::kDead : Liveness::kAny;
    const Census& census = context.session->census(options, context.progress);
    const ExitCode code = warn_about_answer(context, census.coverage, census.interrupted);
    if (detailed_) {
      report<ShapeTable>(context, census, census.shapes, filter);
    } else {
      report<ConstructorTable>(context, census, census.rows, filter);
    }
    return code;
  }

 private:
  void check_options() const {
    if (live_ && dead_) {
      throw Failure(ExitCode::kUsage, "Give --live or --dead: without them, all are counted");
    }
    if (!live_ && (order_ == SortOrder::kRetained || order_ == SortOrder::kDistance)) {
      throw Failure(ExitCode::kUsage, "Only live objects retain something: add --live");
    }
  }

  /// The rows of one kind that pass the filters, sorted and cut.
  struct Part {
    Table table;
    Sum sum;
    uint64_t cut = 0;
  };

  template <class Form>
  [[nodiscard]] Part select(const std::vector<typename Form::Row>& rows, RowKind kind,
                            const NameFilter& filter) const {
    const Columns<Form> columns(live_);
    Part part{.table = columns.make(), .sum = {}};
    for (const auto& row : rows) {
      if (row.kind != kind || row.shallow_bytes + row.external_bytes < rows_.min_size ||
          !filter.passes(row.name)) {
        continue;
      }
      part.sum.add(row);
      part.table.add_row(columns.cells(row));
    }
    sort(columns, part.table);
    if (rows_.limit) {
      part.cut = order_ == SortOrder::kName ? part.table.keep_first(*rows_.limit)
                                            : part.table.keep_last(*rows_.limit);
    }
    part.table.set_totals(columns.totals(part.sum));
    return part;
  }

  template <class Form>
  void sort(const Columns<Form>& columns, Table& table) const {
    constexpr SortKey kCount{Form::kCountColumn};
    constexpr SortKey kSize{Form::kSizeColumn};
    const SortKey name = columns.name();
    switch (order_) {
      case SortOrder::kCount:
        return table.sort(std::array{kCount, kSize, name});
      case SortOrder::kSize:
        return table.sort(std::array{kSize, kCount, name});
      case SortOrder::kRetained:
        return table.sort(std::array{columns.retained(), kSize, name});
      case SortOrder::kDistance:
        return table.sort(std::array{columns.distance(), kCount, name});
      case SortOrder::kName:
        return table.sort(std::array{name, kCount, kSize});
    }
  }

  template <class Form>
  void report(RunContext& context, const Census& census,
              const std::vector<typename Form::Row>& rows, const NameFilter& filter) const {
    Part visible = select<Form>(rows, RowKind::kJavaScript, filter);
    Part internal = select<Form>(rows, RowKind::kInternal, filter);
    if (format_.json) {
      write_answer(context, census, visible, internal);
    } else {
      write_text(context, visible, internal);
    }
  }

  void write_text(RunContext& context, const Part& visible, const Part& internal) const {
    TextStyle style = format_.style(context.output);
    style.left_titles = !detailed_;
    Output& output = context.output;
    write_part(output, visible, style);
    if (!isolate_.number) write_isolates(context);
    if (internals_) {
      output.write("\nV8 internals\n");
      write_part(output, internal, style);
      const uint64_t count = visible.sum.count + internal.sum.count;
      const uint64_t bytes = visible.sum.shallow_bytes + internal.sum.shallow_bytes;
      output.write(fmt::format("\nBoth together: {}, {} bytes ({}) on the V8 heap\n",
                               format_count(count, "object"), bytes, format_bytes(bytes)));
    } else if (internal.sum.rows != 0) {
      output.write(
          fmt::format("Not shown: {} that V8 keeps for itself, {} bytes ({}); --internals "
                      "shows them\n",
                      format_count(internal.sum.count, "object"), internal.sum.shallow_bytes,
                      format_bytes(internal.sum.shallow_bytes)));
    }
  }

  void write_part(Output& output, const Part& part, const TextStyle& style) const {
    output.write(part.table.to_text(style));
    if (part.cut != 0) {
      output.write(fmt::format("Not shown: {}, included in the totals (--limit)\n",
                               format_count(part.cut, "row")));
    }
  }

  /// Who has workers should know that the numbers are of all threads.
  static void write_isolates(RunContext& context) {
    const size_t isolates = context.session->isolates(context.progress).size();
    if (isolates < 2) return;
    context.output.write(fmt::format(
        "Counted in all {} isolates; 'isolates' lists them, --isolate N shows one\n", isolates));
  }

  /// In JSON the largest rows come first.
  void write_answer(RunContext& context, const Census& census, Part& visible,
                    Part& internal) const {
    Json document = begin_json(context, "findjsobjects");
    document["coverage"] = coverage_json(census.coverage, census.interrupted);
    document["detailed"] = detailed_;
    if (live_ || dead_) document["liveness"] = live_ ? "live" : "dead";
    document["totals"] = to_json(visible.sum);
    document["internal_totals"] = to_json(internal.sum);
    if (order_ != SortOrder::kName) {
      visible.table.reverse();
      internal.table.reverse();
    }
    document["rows"] = json_rows(visible.table);
    if (internals_) document["internal_rows"] = json_rows(internal.table);
    document["prototypes"] = census.prototypes;
    context.output.write(write_json(document));
  }

  bool detailed_ = false;
  bool live_ = false;
  bool dead_ = false;
  bool internals_ = false;
  SortOrder order_ = SortOrder::kCount;
  RowOptions rows_;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Counts every object on the heap by its constructor, as V8's own heap snapshot names them, live or not yet collected (--live, --dead: one of the two). The rows with most instances come last, just above the prompt.

Total Size is what the objects take on the V8 heap with the elements, properties and tables that belong to them. External is what they keep outside of it: the contents of ArrayBuffers and Buffers, external strings.

With -d there is one row per shape: objects of one constructor that got the same properties in the same order. Sample Obj. is the address of one of them; Properties are its named ones, Elements is the length of the store of its indexed ones: the capacity of an array, the size of the table of a sparse one. Many shapes of one constructor mean that its objects were built in different ways.

With --live, Retained is what would go with all objects of a row: they, and what nothing else keeps alive. Objects that another one of the row keeps alive are counted once. Distance is the number of references from a root to the nearest of them. Total Size stays what it is: Chrome DevTools' Shallow Size lacks the stores that belong to the objects. --live and --dead build the graph of the heap first.

V8's own objects (hidden classes, code, feedback, scope information) are left out unless --internals asks for them.)";

constexpr std::string_view kExample = R"($ v8 findjsobjects --limit 4
 Instances  Total Size External   Name
 ---------- ---------- ---------- ----
      15004     720192          0 Promise
      15333     245328          0 (number)
      31540    1067368          0 (string)
      43457    2603704          0 Function
 ---------- ---------- ----------
     152494    9380440   20505168
Not shown: 97 rows, included in the totals (--limit)
Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one
Not shown: 126834 objects that V8 keeps for itself, 9815640 bytes (9.4 MB); --internals shows them
$ v8 findjsobjects -d --filter '^Session$'
    Sample Obj.  Instances  Total Size   External  Properties  Elements Name
 -------------- ---------- ----------- ---------- ----------- --------- ----
  0xaa171807619       5001      320064          0           5         0 Session: id, user, created, body, timer
                ---------- ----------- ----------
                      5001      320064          0
Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one
$ v8 findjsobjects --live --sort retained --limit 3
 Instances  Total Size External   Retained   Distance Name
 ---------- ---------- ---------- ---------- -------- ----
       5068     446064   20505128   20951432        5 ArrayBuffer
       5010     481120          0   21405304        6 Buffer
       5001     320064          0   22284456        9 Session
 ---------- ---------- ----------
     147768   10488912   20505132
Not shown: 92 rows, included in the totals (--limit)
Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one
Not shown: 86411 objects that V8 keeps for itself, 7522728 bytes (7.2 MB); --internals shows them)";

constexpr std::array<std::string_view, 1> kAliases = {"findjsobjects"};

}  // namespace

const CommandSpec& findjsobjects_command() {
  static const CommandSpec kSpec = {
      .name = "findjsobjects",
      .aliases = kAliases,
      .group = CommandGroup::kObjects,
      .summary = "Count objects by constructor, with their sizes",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<FindJsObjects>()); },
  };
  return kSpec;
}

}  // namespace corewalk
