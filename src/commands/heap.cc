// heap: how the pages of each space are filled.
#include <fmt/format.h>

#include <map>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/units.h"

namespace corewalk {
namespace {

Table to_table(const std::vector<SpaceSummary>& spaces) {
  Table table({{"Isolate", "isolate", ColumnKind::kCount},
               {"Space", "space", ColumnKind::kText, 12},
               {"Pages", "pages", ColumnKind::kCount, 6},
               {"Committed", "committed_bytes", ColumnKind::kBytes, 11},
               {"Used", "used_bytes", ColumnKind::kBytes, 11},
               {"Free", "free_bytes", ColumnKind::kBytes, 11},
               {"Gaps", "gap_bytes", ColumnKind::kBytes, 11},
               {"Damaged", "damaged_bytes", ColumnKind::kBytes},
               {"Missing", "missing_bytes", ColumnKind::kBytes}});
  SpaceSummary sum;
  for (const SpaceSummary& space : spaces) {
    table.add_row({space.isolate ? Cell(uint64_t{*space.isolate}) : Cell(), space.name, space.pages,
                   space.committed_bytes, space.used_bytes, space.free_bytes, space.unused_bytes,
                   space.damaged_bytes, space.missing_bytes});
    sum.pages += space.pages;
    sum.committed_bytes += space.committed_bytes;
    sum.used_bytes += space.used_bytes;
    sum.free_bytes += space.free_bytes;
    sum.unused_bytes += space.unused_bytes;
    sum.damaged_bytes += space.damaged_bytes;
    sum.missing_bytes += space.missing_bytes;
  }
  table.set_totals({{},
                    {},
                    sum.pages,
                    sum.committed_bytes,
                    sum.used_bytes,
                    sum.free_bytes,
                    sum.unused_bytes,
                    sum.damaged_bytes,
                    sum.missing_bytes});
  return table;
}

struct Fill {
  uint64_t used_bytes = 0;
  uint64_t committed_bytes = 0;

  void add(const SpaceSummary& space) {
    used_bytes += space.used_bytes;
    committed_bytes += space.committed_bytes;
  }
};

std::string to_text(std::string_view whose, const Fill& fill) {
  return fmt::format("{}: {} used of {} committed\n", whose, format_bytes(fill.used_bytes),
                     format_bytes(fill.committed_bytes));
}

/// What each isolate has, if there are several, and what all have together.
std::string sums_text(const std::vector<SpaceSummary>& spaces) {
  std::map<v8::IsolateIndex, Fill> isolates;
  Fill shared;
  Fill all;
  for (const SpaceSummary& space : spaces) {
    (space.isolate ? isolates[*space.isolate] : shared).add(space);
    all.add(space);
  }
  std::string text;
  if (isolates.size() > 1) {
    for (const auto& [index, fill] : isolates) {
      text += to_text(fmt::format("Isolate {}", index), fill);
    }
    if (shared.committed_bytes != 0) text += to_text("Shared by all", shared);
  }
  return text + to_text("Together", all);
}

class Heap final : public Command {
 public:
  void declare(OptionList& options) override {
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const std::optional<v8::IsolateIndex> isolate =
        isolate_.resolve(*context.session, context.progress);
    const SpacesReport report = context.session->spaces(isolate, context.progress);
    const ExitCode code = warn_about_answer(context, report.coverage, /*interrupted=*/false);
    const Table table = to_table(report.spaces);
    if (format_.json) {
      Json document = begin_json(context, "heap");
      document["coverage"] = coverage_json(report.coverage, /*interrupted=*/false);
      document["rows"] = json_rows(table);
      context.output.write(write_json(document));
    } else {
      context.output.write(table.to_text(format_.style(context.output)) + sums_text(report.spaces));
    }
    return code;
  }

 private:
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(V8 keeps its objects on pages, and pages in spaces: new objects, old ones, code, large objects, read-only ones. Used is what objects take, live or not yet collected. Free can be allocated again. Gaps were never or are not yet formatted: allocation areas and the ends of pages. An isolate of '-' stands for pages that all isolates share. Sizes are in bytes.

Much free memory in the old space means fragmentation: pages that a few objects keep alive.)";

constexpr std::string_view kExample = R"($ v8 heap
 Isolate Space               Pages   Committed        Used        Free        Gaps Damaged Missing
 ------- ------------------ ------ ----------- ----------- ----------- ----------- ------- -------
       0 new_space              64    16777216     3081312       35376    13377904       0       0
       0 old_space              38     9748480     9369800        2624      208248       0       0
       0 code_space              1      262144      132608           0      113120       0       0
       0 trusted_space           5     1097728     1037280        1728       36640       0       0
       0 large_object_space      2      507904      491576           0           0       0       0
       1 new_space              16     4194304      316656       30144     3776848       0       0
       1 old_space              16     3981312     3433232      477424           0       0       0
       1 code_space              1      262144       46912      198816           0       0       0
       1 trusted_space           6     1359872     1135504      197872           0       0       0
       1 large_object_space      1      270336      262160           0           0       0       0
       - read_only_space         1      110592      110072         416           0       0       0
                            ------ ----------- ----------- ----------- ----------- ------- -------
                               151    38572032    19417112      944400    17512760       0       0
Isolate 0: 13.5 MB used of 27.1 MB committed
Isolate 1: 5.0 MB used of 9.6 MB committed
Shared by all: 107.5 KB used of 108.0 KB committed
Together: 18.5 MB used of 36.8 MB committed)";

}  // namespace

const CommandSpec& heap_command() {
  static const CommandSpec kSpec = {
      .name = "heap",
      .group = CommandGroup::kTarget,
      .summary = "Show the spaces of the V8 heap: committed, used, free",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Heap>()); },
  };
  return kSpec;
}

}  // namespace corewalk
