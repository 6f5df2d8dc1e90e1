// doctor: why the other commands may be believed, or not.
#include <fmt/format.h>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

std::string coverage_text(const Coverage& coverage) {
  std::string text = fmt::format("Pages       {} with {} ({} bytes) for objects", coverage.pages,
                                 format_bytes(coverage.page_bytes), coverage.page_bytes);
  if (coverage.pages_missing != 0) text += fmt::format(", {} more missing", coverage.pages_missing);
  const auto add = [&](std::string_view label, uint64_t bytes) {
    const double percent = coverage.page_bytes == 0 ? 0.0
                                                    : 100.0 * static_cast<double>(bytes) /
                                                          static_cast<double>(coverage.page_bytes);
    text += fmt::format("\n  {:<10}{:>14} bytes {:>6.2f} %", label, bytes, percent);
  };
  add("objects", coverage.object_bytes);
  add("fillers", coverage.filler_bytes);
  add("free", coverage.free_bytes);
  add("gaps", coverage.unused_bytes);
  add("unswept", coverage.unswept_bytes);
  add("damaged", coverage.damaged_bytes);
  add("missing", coverage.missing_bytes);
  return text + "\n";
}

/// What was said of the executable; the search for one takes a line for each place.
std::string verdict_text(const ProcessInfo& process) {
  constexpr std::string_view kIndent = "            ";
  const BinaryInfo& binary = process.executable;
  std::string_view reason = binary.reason.empty() ? process.binary_search : binary.reason;
  std::string text = fmt::format("{}{}: ", kIndent, to_string(binary.verdict));
  for (size_t end = reason.find('\n'); end != std::string_view::npos; end = reason.find('\n')) {
    text += escape_for_terminal(reason.substr(0, end)) + "\n" + std::string(kIndent);
    reason.remove_prefix(end + 1);
  }
  return text + escape_for_terminal(reason) + "\n";
}

std::string to_text(const DoctorReport& report, const ProcessInfo& process) {
  std::string text;
  const BinaryInfo& binary = process.executable;
  text += fmt::format("Executable  {}\n",
                      binary.path.empty() ? "not found" : escape_for_terminal(binary.path));
  text += verdict_text(process);
  text += fmt::format("Layout      {}\n",
                      report.layout.empty() ? "none fits" : escape_for_terminal(report.layout));
  if (!report.source.empty()) {
    text += fmt::format("Source      {}\n", escape_for_terminal(report.source));
  }
  text += "Checks\n";
  for (const DoctorCheck& check : report.checks) {
    text += fmt::format("  {} {}{}{}\n", check.passed ? "pass" : "FAIL",
                        escape_for_terminal(check.name), check.detail.empty() ? "" : ": ",
                        escape_for_terminal(check.detail));
  }
  for (const std::string& note : report.notes) {
    text += fmt::format("Note        {}\n", escape_for_terminal(note));
  }
  text += coverage_text(report.coverage);
  text += report.healthy() ? "Everything checks out.\n"
                           : "Not everything checks out: take the numbers with care.\n";
  return text;
}

/// Unsupported if no layout fits; else partial if anything is wrong.
ExitCode verdict(const DoctorReport& report) {
  if (report.layout.empty()) return ExitCode::kUnsupported;
  return report.healthy() ? ExitCode::kDone : ExitCode::kPartial;
}

class Doctor final : public Command {
 public:
  void declare(OptionList& options) override { format_.declare(options); }

  ExitCode run(RunContext& context) override {
    warn_about_target(context);
    const DoctorReport report = context.session->doctor(context.progress);
    if (format_.json) {
      write_answer(context, report);
    } else {
      context.output.write(to_text(report, context.session->process()));
    }
    return verdict(report);
  }

 private:
  static void write_answer(RunContext& context, const DoctorReport& report) {
    const ProcessInfo& process = context.session->process();
    Json document = begin_json(context, "doctor");
    document["healthy"] = report.healthy();
    document["coverage"] = coverage_json(report.coverage, context.progress.interrupted());
    document["layout"] = json_text(report.layout);
    document["layout_source"] = json_text(report.source);
    Json& executable = document["executable"];
    executable["path"] = json_text(process.executable.path);
    executable["verdict"] = to_string(process.executable.verdict);
    executable["reason"] = json_text(process.executable.reason);
    executable["build_id"] = json_text(process.executable.build_id);
    executable["core_build_id"] = json_text(process.executable.core_build_id);
    Json checks = Json::array();
    for (const DoctorCheck& check : report.checks) {
      Json row = Json::object();
      row["name"] = check.name;
      row["passed"] = check.passed;
      row["detail"] = check.detail;
      checks.push_back(std::move(row));
    }
    document["checks"] = std::move(checks);
    document["notes"] = report.notes;
    context.output.write(write_json(document));
  }

  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Says which description of V8's memory (layout) is used and where it comes from, which checks it passed on this very core, and how every byte of the heap's pages was accounted for. Start here when a number looks wrong, and add its output to a bug report.

Exit code 0: everything checks out. 3: something is missing or damaged. 4: no layout fits.)";

constexpr std::string_view kExample = R"($ v8 doctor
Executable  /usr/local/bin/node
            match: build-id a9b42ba41811e1291145304b7c278c5d3fbaca71
Layout      V8 12.4 (Node 22)
Source      built in
Checks
  pass isolates: 2 confirmed by their roots table, 151 pages
  pass root maps: 16 of 16 root maps describe the type they are named after
  pass root strings: 16 of 16 names and oddballs read back as themselves
  pass page sums: 70 of 70 pages hold as many bytes of objects as V8 counted, 63 of them to the byte
  pass coverage: 0 bytes damaged, 0 missing, 0 cut off; 0 pages missing
Pages       151 with 36.1 MB (37874272 bytes) for objects
  objects         19417112 bytes  51.27 %
  fillers             8360 bytes   0.02 %
  free              936040 bytes   2.47 %
  gaps            17512760 bytes  46.24 %
  unswept                0 bytes   0.00 %
  damaged                0 bytes   0.00 %
  missing                0 bytes   0.00 %
Everything checks out.)";

}  // namespace

const CommandSpec& doctor_command() {
  static const CommandSpec kSpec = {
      .name = "doctor",
      .group = CommandGroup::kTarget,
      .summary = "Check how far this core is understood, and why",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Doctor>()); },
  };
  return kSpec;
}

}  // namespace corewalk
