// findjsinstances: the objects of one constructor, page by page. llnode's command of that name.
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

class FindJsInstances final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(name_, "instance_name", "a name as 'findjsobjects' prints it");
    options.number(limit_, "-n,--output-limit,--limit", "N",
                   "list N instances; the same command again lists the next N (0: all)");
    options.flag(verbose_, "-v,--verbose,-d,--detailed", "print what is in each instance");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    InstanceQuery query;
    query.isolate = isolate_.resolve(*context.session, context.progress);
    query.limit = limit_.value_or(0);
    query.skip = next_page(context.paging);
    InstancePage page = context.session->instances(name_, query, context.progress);
    if (page.instances.empty() && query.skip != 0) {
      query.skip = 0;  // the list is not what it was: start over
      page = context.session->instances(name_, query, context.progress);
    }
    const bool interrupted = context.progress.interrupted();
    const Coverage& coverage =
        context.session->census({.isolate = query.isolate}, context.progress).coverage;
    const ExitCode code = warn_about_answer(context, coverage, interrupted);
    remember_page(context.paging, query.skip + page.instances.size(), page.total);
    if (format_.json) {
      write_answer(context, page, query.skip, coverage, interrupted);
    } else {
      write_text(context, page, query.skip);
    }
    return code;
  }

 private:
  /// What makes two command lines the same list.
  [[nodiscard]] std::string question() const {
    return fmt::format("findjsinstances {} {} {}", name_, limit_.value_or(0),
                       isolate_.number ? std::to_string(*isolate_.number) : "all");
  }

  [[nodiscard]] uint64_t next_page(const Paging& paging) const {
    return paging.question == question() ? paging.next : 0;
  }

  /// After the last page the first one comes again.
  void remember_page(Paging& paging, uint64_t end, uint64_t total) const {
    paging.question = question();
    paging.next = end < total ? end : 0;
  }

  void write_text(RunContext& context, const InstancePage& page, uint64_t skipped) const {
    if (page.total == 0) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("No objects found with type name {}. '{}findjsobjects' lists the "
                                "names there are.",
                                escape_for_terminal(name_), context.host.caller));
    }
    std::string text;
    for (const Instance& instance : page.instances) {
      if (verbose_) {
        text +=
            value_text(context.session->inspect(instance.address.value(), {}, context.progress));
      } else {
        text += fmt::format("{}:{}", format_address(instance.address),
                            escape_for_terminal(instance.description));
      }
      text += '\n';
    }
    const uint64_t end = skipped + page.instances.size();
    if (end < page.total) text += "..........\n";
    text += fmt::format("(Showing {} to {} of {} instances)\n", skipped + 1, end, page.total);
    context.output.write(text);
  }

  void write_answer(RunContext& context, const InstancePage& page, uint64_t skipped,
                    const Coverage& coverage, bool interrupted) const {
    Table table({{"", "address", ColumnKind::kAddress},
                 {"", "description"},
                 {"", "shallow_bytes", ColumnKind::kBytes},
                 {"", "external_bytes", ColumnKind::kBytes}});
    for (const Instance& instance : page.instances) {
      table.add_row({instance.address, instance.description, instance.shallow_bytes,
                     instance.external_bytes});
    }
    Json document = begin_json(context, "findjsinstances");
    document["coverage"] = coverage_json(coverage, interrupted);
    document["name"] = name_;
    document["total"] = page.total;
    document["skipped"] = skipped;
    document["rows"] = json_rows(table);
    context.output.write(write_json(document));
  }

  std::string name_;
  std::optional<uint64_t> limit_;
  bool verbose_ = false;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Lists the objects that 'findjsobjects' counts under a name, in order of address. Names with blanks or parentheses need quotes.

With -n the list comes in pages: the same command again, or just ENTER in LLDB, shows the next one.)";

constexpr std::string_view kExample = R"($ v8 findjsinstances -n 2 Session
0xaa171807619:<Object: Session>
0xaa171807659:<Object: Session>
..........
(Showing 1 to 2 of 5001 instances))";

constexpr std::array<std::string_view, 1> kAliases = {"findjsinstances"};

}  // namespace

const CommandSpec& findjsinstances_command() {
  static const CommandSpec kSpec = {
      .name = "findjsinstances",
      .aliases = kAliases,
      .group = CommandGroup::kObjects,
      .summary = "List the objects of one constructor",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<FindJsInstances>()); },
  };
  return kSpec;
}

}  // namespace corewalk
