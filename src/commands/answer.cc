#include "commands/answer.h"

#include <fmt/format.h>

#include "report/escape.h"
#include "report/units.h"

namespace corewalk {

namespace {

void write_warnings(RunContext& context) {
  for (const std::string& warning : context.session->process().warnings) {
    context.output.warn(escape_for_terminal(warning));
  }
}

/// "3 heap pages missing, 2.0 KB damaged".
std::string lacks_text(const Coverage& coverage) {
  std::string lacks;
  const auto add = [&](uint64_t amount, const std::string& what) {
    if (amount != 0) lacks += (lacks.empty() ? "" : ", ") + what;
  };
  add(coverage.pages_missing, format_count(coverage.pages_missing, "heap page") + " missing");
  add(coverage.missing_bytes, format_bytes(coverage.missing_bytes) + " not in the core");
  add(coverage.damaged_bytes, format_bytes(coverage.damaged_bytes) + " damaged");
  add(coverage.cut_off_bytes,
      format_bytes(coverage.cut_off_bytes) + " cut off that may have held heap pages");
  return lacks;
}

}  // namespace

void warn_about_target(RunContext& context) {
  write_warnings(context);
  const std::string& truncation = context.session->process().truncation;
  if (!truncation.empty()) context.output.warn(truncation);
}

ExitCode warn_about_answer(RunContext& context, const Coverage& coverage, bool interrupted) {
  write_warnings(context);
  std::string truncation = context.session->process().truncation;
  if (interrupted) {
    context.output.warn("interrupted: all numbers are lower bounds");
    return ExitCode::kPartial;
  }
  if (coverage.complete()) {
    if (!truncation.empty()) context.output.warn(truncation);
    return ExitCode::kDone;
  }
  if (!truncation.empty()) truncation += "; ";
  context.output.warn(fmt::format(
      "{}part of the heap could not be read: {}, beside {} that could. All numbers are lower "
      "bounds.",
      truncation, lacks_text(coverage),
      format_bytes(coverage.page_bytes - coverage.damaged_bytes)));
  return ExitCode::kPartial;
}

Failure no_object(const RunContext& context, uint64_t word, std::string_view reason) {
  return {ExitCode::kUsage,
          fmt::format("no object at 0x{:x}: {}{}'{}findjsinstances NAME' lists addresses", word,
                      reason, reason.empty() ? "" : ". ", context.host.caller)};
}

Json begin_json(RunContext& context, std::string_view name, int form) {
  const ProcessInfo& process = context.session->process();
  const RuntimeVersions versions = context.session->versions(context.progress);
  Json document = json_document(name, form);
  Json& core = document["core"];
  core["path"] = json_text(process.core_path);
  core["pid"] = process.pid;
  core["node"] = json_text(versions.node);
  core["v8"] = json_text(versions.v8);
  core["build_id_verdict"] = to_string(process.executable.verdict);
  core["truncated"] = process.core_truncated;
  document["warnings"] = process.warnings;
  if (!process.truncation.empty()) document["warnings"].push_back(process.truncation);
  return document;
}

Json coverage_json(const Coverage& coverage, bool interrupted) {
  Json json = Json::object();
  json["complete"] = coverage.complete() && !interrupted;
  json["interrupted"] = interrupted;
  json["pages"] = coverage.pages;
  json["pages_missing"] = coverage.pages_missing;
  json["page_bytes"] = coverage.page_bytes;
  json["object_bytes"] = coverage.object_bytes;
  json["filler_bytes"] = coverage.filler_bytes;
  json["free_bytes"] = coverage.free_bytes;
  json["unused_bytes"] = coverage.unused_bytes;
  json["unswept_bytes"] = coverage.unswept_bytes;
  json["damaged_bytes"] = coverage.damaged_bytes;
  json["missing_bytes"] = coverage.missing_bytes;
  json["unreadable_objects"] = coverage.unreadable_objects;
  return json;
}

}  // namespace corewalk
