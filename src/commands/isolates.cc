// isolates: the V8 instances of the process: the main thread's and one per worker.
#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"

namespace corewalk {
namespace {

Table to_table(const std::vector<IsolateSummary>& isolates) {
  Table table({{"Isolate", "index", ColumnKind::kCount},
               {"Role", "role", ColumnKind::kText, 6},
               {"Address", "address", ColumnKind::kAddress},
               {"Heap", "heap_address", ColumnKind::kAddress},
               {"Thread", "thread_id", ColumnKind::kCount},
               {"Pages", "pages", ColumnKind::kCount},
               {"Committed", "committed_bytes", ColumnKind::kBytes}});
  uint64_t pages = 0;
  uint64_t bytes = 0;
  for (const IsolateSummary& isolate : isolates) {
    table.add_row({uint64_t{isolate.index}, std::string(to_string(isolate.role)), isolate.address,
                   isolate.heap, isolate.thread_id ? Cell(*isolate.thread_id) : Cell(),
                   isolate.pages, isolate.committed_bytes});
    pages += isolate.pages;
    bytes += isolate.committed_bytes;
  }
  if (isolates.size() > 1) table.set_totals({{}, {}, {}, {}, {}, pages, bytes});
  return table;
}

class Isolates final : public Command {
 public:
  void declare(OptionList& options) override { format_.declare(options); }

  ExitCode run(RunContext& context) override {
    const Table table = to_table(context.session->isolates(context.progress));
    warn_about_target(context);
    if (format_.json) {
      Json document = begin_json(context, "isolates");
      document["rows"] = json_rows(table);
      context.output.write(write_json(document));
    } else {
      context.output.write(table.to_text(format_.style(context.output)));
    }
    return ExitCode::kDone;
  }

 private:
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Each thread that runs JavaScript has an isolate of its own: a V8 with its own heap. The number in the first column is what --isolate takes in the other commands.)";

constexpr std::string_view kExample = R"($ v8 isolates
 Isolate Role          Address           Heap Thread Pages Committed
 ------- ------ -------------- -------------- ------ ----- ---------
       0 main       0x24369000     0x24376ea0  18271   110  28393472
       1 worker 0x7f67f4001000 0x7f67f400eea0  18282    40  10067968
                                                     ----- ---------
                                                       150  38461440)";

}  // namespace

const CommandSpec& isolates_command() {
  static const CommandSpec kSpec = {
      .name = "isolates",
      .group = CommandGroup::kTarget,
      .summary = "List the isolates: the main thread's and the workers'",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Isolates>()); },
  };
  return kSpec;
}

}  // namespace corewalk
