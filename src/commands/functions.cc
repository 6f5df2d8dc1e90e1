// functions: closures by the function they are of. mdb_v8's ::jsfunctions.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

enum class SortOrder : uint8_t { kCount, kSize, kName, kFile };

constexpr size_t kCountColumn = 1;
constexpr size_t kSizeColumn = 2;
constexpr size_t kNameColumn = 3;
constexpr size_t kFileColumn = 5;
constexpr size_t kLineColumn = 6;
constexpr size_t kSharedColumn = 8;

Table make_table() {
  return Table({{"Sample Obj.", "sample_address", ColumnKind::kAddress, 14},
                {"Closures", "count", ColumnKind::kCount, 9},
                {"Total Size", "shallow_bytes", ColumnKind::kBytes, 10},
                {"Name", "", ColumnKind::kText, 0, Audience::kTextOnly},
                {"Defined at", "", ColumnKind::kText, 0, Audience::kTextOnly},
                {"", "file", ColumnKind::kText, 0, Audience::kJsonOnly},
                {"", "line", ColumnKind::kCount, 0, Audience::kJsonOnly},
                {"", "column", ColumnKind::kCount, 0, Audience::kJsonOnly},
                {"", "shared_address", ColumnKind::kAddress, 0, Audience::kJsonOnly},
                {"", "name", ColumnKind::kText, 0, Audience::kJsonOnly}});
}

Cell known(uint32_t number) { return number == 0 ? Cell() : Cell(uint64_t{number}); }

std::vector<Cell> cells(const FunctionRow& row) {
  const v8::SourceLocation& place = row.definition;
  return {row.sample,
          row.count,
          row.shallow_bytes,
          row.name.empty() ? "(anonymous)" : row.name,
          place.file.empty() && place.line == 0 ? "<builtin>" : place.text(),
          place.file.empty() ? Cell() : Cell(place.file),
          known(place.line),
          known(place.column),
          row.shared,
          row.name};
}

class Functions final : public Command {
 public:
  void declare(OptionList& options) override {
    options.text(name_, "-n,--name", "TEXT", "only functions with TEXT in their names");
    options.text(file_, "-s,--file", "TEXT",
                 "only functions with TEXT in the names of their files");
    options.flag(instances_, "-l,--instances", "list the closures of each function");
    options.choice(order_, "--sort",
                   {{"count", SortOrder::kCount},
                    {"size", SortOrder::kSize},
                    {"name", SortOrder::kName},
                    {"file", SortOrder::kFile}},
                   "order of the rows; the largest come last (default: count)");
    rows_.declare(options);
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const NameFilter filter(rows_.filter);
    const auto isolate = isolate_.resolve(*context.session, context.progress);
    FunctionReport report = context.session->functions(isolate, context.progress);
    const ExitCode code =
        warn_about_answer(context, report.extent.coverage, report.extent.interrupted);
    Selection chosen = select(report.rows, filter);
    ClosureLists closures;
    if (instances_) {
      std::set<Address> wanted;
      for (const auto& row : chosen.table.rows()) wanted.insert(shared_of(row));
      closures = context.session->closures(wanted, isolate, context.progress);
    }
    if (format_.json) {
      write_answer(context, report, chosen, closures);
    } else if (instances_) {
      write_closures(context, chosen, closures);
    } else {
      write_text(context, chosen);
    }
    return code;
  }

 private:
  /// The rows that pass the filters, sorted and cut.
  struct Selection {
    Table table = make_table();
    uint64_t functions = 0;
    uint64_t closures = 0;
    uint64_t bytes = 0;
    uint64_t cut = 0;
  };

  static Address shared_of(std::span<const Cell> row) {
    return std::get<Address>(row[kSharedColumn]);
  }

  [[nodiscard]] bool passes(const FunctionRow& row, const NameFilter& filter) const {
    return row.shallow_bytes >= rows_.min_size && filter.passes(row.name) &&
           (!name_ || row.name.find(*name_) != std::string::npos) &&
           (!file_ || row.definition.file.find(*file_) != std::string::npos);
  }

  [[nodiscard]] Selection select(const std::vector<FunctionRow>& rows,
                                 const NameFilter& filter) const {
    Selection chosen;
    for (const FunctionRow& row : rows) {
      if (!passes(row, filter)) continue;
      ++chosen.functions;
      chosen.closures += row.count;
      chosen.bytes += row.shallow_bytes;
      chosen.table.add_row(cells(row));
    }
    sort(chosen.table);
    const bool ascending = order_ == SortOrder::kName || order_ == SortOrder::kFile;
    if (rows_.limit) {
      chosen.cut =
          ascending ? chosen.table.keep_first(*rows_.limit) : chosen.table.keep_last(*rows_.limit);
    }
    chosen.table.set_totals({{}, chosen.closures, chosen.bytes, {}, {}, {}, {}, {}, {}, {}});
    return chosen;
  }

  void sort(Table& table) const {
    constexpr SortKey kCount{kCountColumn};
    constexpr SortKey kSize{kSizeColumn};
    constexpr SortKey kName{kNameColumn};
    constexpr SortKey kFile{kFileColumn};
    constexpr SortKey kLine{kLineColumn};
    switch (order_) {
      case SortOrder::kCount:
        return table.sort(std::array{kCount, kSize, kName, kFile, kLine});
      case SortOrder::kSize:
        return table.sort(std::array{kSize, kCount, kName, kFile, kLine});
      case SortOrder::kName:
        return table.sort(std::array{kName, kFile, kLine, kCount});
      case SortOrder::kFile:
        return table.sort(std::array{kFile, kLine, kName, kCount});
    }
  }

  void write_text(RunContext& context, const Selection& chosen) const {
    context.output.write(chosen.table.to_text(format_.style(context.output)));
    if (chosen.cut != 0) {
      context.output.write(fmt::format("Not shown: {}, included in the totals (--limit)\n",
                                       format_count(chosen.cut, "row")));
    }
  }

  static void write_closures(RunContext& context, const Selection& chosen,
                             const ClosureLists& closures) {
    for (const auto& row : chosen.table.rows()) {
      const auto found = closures.find(shared_of(row));
      if (found == closures.end()) continue;
      for (const Address closure : found->second) {
        const Value value =
            context.session->inspect(closure.value(), {.depth = 0}, context.progress);
        context.output.write(value_line(value) + "\n");
      }
    }
    context.output.write(fmt::format("({} of {})\n", format_count(chosen.closures, "closure"),
                                     format_count(chosen.functions, "function")));
  }

  /// In JSON the largest rows come first.
  void write_answer(RunContext& context, const FunctionReport& report, Selection& chosen,
                    const ClosureLists& closures) const {
    Json document = begin_json(context, "functions");
    document["coverage"] = coverage_json(report.extent.coverage, report.extent.interrupted);
    document["totals"]["functions"] = chosen.functions;
    document["totals"]["closures"] = chosen.closures;
    document["totals"]["shallow_bytes"] = chosen.bytes;
    if (order_ == SortOrder::kCount || order_ == SortOrder::kSize) chosen.table.reverse();
    document["rows"] = json_rows(chosen.table);
    for (size_t i = 0; instances_ && i < chosen.table.row_count(); ++i) {
      Json list = Json::array();
      const auto found = closures.find(shared_of(chosen.table.rows()[i]));
      if (found != closures.end()) {
        for (const Address closure : found->second) list.push_back(format_address(closure));
      }
      document["rows"][i]["instances"] = std::move(list);
    }
    context.output.write(write_json(document));
  }

  std::optional<std::string> name_;
  std::optional<std::string> file_;
  bool instances_ = false;
  SortOrder order_ = SortOrder::kCount;
  RowOptions rows_;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Counts the closures on the heap, live or not yet collected, by the function as it is written. Each time a program comes by a function, it makes a new closure of it: many of one function mean listeners, callbacks or methods that were made for each object, and what they close over stays alive with them.

Total Size is that of the closures alone. 'inspect' shows the variables that the sample closes over, 'findrefs' who refers to it. The functions with most closures come last, just above the prompt.)";

constexpr std::string_view kExample = R"($ v8 functions --file /srv/ --limit 4
    Sample Obj.  Closures Total Size Name        Defined at
 -------------- --------- ---------- ----------- ----------
 0x37c12c097ef1         1         64 connect     /srv/app/lib/db.js:10:17
 0x153106bbab81         1         64 onOpen      /srv/app/server.js:41:55
 0x153106bbad79         1         64 onReport    /srv/app/server.js:44:31
   0x5e33de4b89      5001     280056 (anonymous) /srv/app/lib/session.js:10:29
                --------- ----------
                     5016     280944
Not shown: 12 rows, included in the totals (--limit))";

}  // namespace

const CommandSpec& functions_command() {
  static const CommandSpec kSpec = {
      .name = "functions",
      .group = CommandGroup::kObjects,
      .summary = "Count closures by the function they are of",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Functions>()); },
  };
  return kSpec;
}

}  // namespace corewalk
