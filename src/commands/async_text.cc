#include "commands/async_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "commands/answer.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint64_t kUsualChains = 20;

constexpr std::array<std::string_view, 6> kKindNames = {
    "async_function", "async_generator", "combinator", "handler", "native", "promise"};

std::string called(const AsyncStep& step) {
  return step.name.empty() ? "(anonymous)" : escape_for_terminal(step.name);
}

std::string function_text(const AsyncStep& step) {
  const std::string place = escape_for_terminal(step.definition.text());
  return place.empty() ? "" : fmt::format(" (function at {})", place);
}

std::string step_text(const AsyncStep& step) {
  const std::string address = format_address(step.object);
  switch (step.kind) {
    case AsyncKind::kAsyncFunction:
    case AsyncKind::kAsyncGenerator: {
      const std::string_view what = step.kind == AsyncKind::kAsyncFunction ? "async" : "async*";
      const std::string where =
          step.position.line == 0 ? " running" : " at " + escape_for_terminal(step.position.text());
      return fmt::format("{} {}{}{} {}", what, called(step), where, function_text(step), address);
    }
    case AsyncKind::kAll:
      return fmt::format("{} {}", step.name, address);
    case AsyncKind::kReaction:
      return fmt::format("handler {}{} {}", called(step), function_text(step), address);
    case AsyncKind::kNative:
      return fmt::format("handler <builtin> {}", address);
    case AsyncKind::kPromise:
      return fmt::format("promise {}: not settled, and by no other promise", address);
  }
  return {};
}

void write_text(RunContext& context, const AsyncReport& report, size_t shown) {
  std::string text;
  const size_t hidden = report.chains.size() - shown;
  uint64_t total = 0;
  for (const AsyncChain& chain : report.chains) total += chain.count;
  for (size_t i = hidden; i < report.chains.size(); ++i) {
    const AsyncChain& chain = report.chains[i];
    text += fmt::format("{}:\n", format_count(chain.count, "chain"));
    for (const AsyncStep& step : chain.steps) text += "    " + step_text(step) + "\n";
    if (chain.is_cycle) text += "    (it waits for one of these: a circle that never ends)\n";
    if (chain.is_cut) text += "    (and so on)\n";
  }
  if (hidden != 0) {
    text += fmt::format("Not shown: {} that are rarer (--limit 0 shows all)\n",
                        format_count(hidden, "kind"));
  }
  text += fmt::format("{} of {}, {}\n", format_count(total, "chain"),
                      format_count(report.chains.size(), "kind"),
                      format_count(report.pending_promises, "pending promise"));
  context.output.write(text);
}

Json location_json(const v8::SourceLocation& location) {
  if (location.line == 0) return {};
  Json json = Json::object();
  json["file"] = json_text(location.file);
  json["line"] = location.line;
  json["column"] = location.column;
  return json;
}

Json chain_json(const AsyncChain& chain) {
  Json json = Json::object();
  json["count"] = chain.count;
  json["cycle"] = chain.is_cycle;
  json["cut"] = chain.is_cut;
  json["steps"] = Json::array();
  for (const AsyncStep& step : chain.steps) {
    Json one = Json::object();
    one["kind"] = kKindNames.at(static_cast<size_t>(step.kind));
    one["address"] = format_address(step.object);
    one["name"] = json_text(step.name);
    one["position"] = location_json(step.position);
    one["definition"] = location_json(step.definition);
    json["steps"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

ExitCode show_async_chains(RunContext& context, std::optional<uint64_t> limit, bool json) {
  const AsyncReport report = context.session->async_chains({}, context.progress);
  const ExitCode code =
      warn_about_answer(context, report.extent.coverage, report.extent.interrupted);
  if (report.is_cut) context.output.warn("there are more chains than are followed");
  const uint64_t most = limit.value_or(kUsualChains);
  const size_t shown =
      most == 0 ? report.chains.size() : std::min<size_t>(report.chains.size(), most);
  if (!json) {
    write_text(context, report, shown);
    return code;
  }
  Json document = begin_json(context, "bt");
  document["coverage"] = coverage_json(report.extent.coverage, report.extent.interrupted);
  document["pending_promises"] = report.pending_promises;
  document["total_chains"] = report.chains.size();
  document["async_chains"] = Json::array();
  for (size_t i = 0; i < shown; ++i) {  // the commonest first
    document["async_chains"].push_back(chain_json(report.chains[report.chains.size() - 1 - i]));
  }
  context.output.write(write_json(document));
  return code;
}

}  // namespace corewalk
