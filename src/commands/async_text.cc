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

/// Who holds an object, by V8's own go-betweens: the functions that settle a promise share a
/// context that holds it.
std::vector<Holder> settlers_of(RunContext& context, Address promise) {
  constexpr size_t kMaxSettlers = 5;
  constexpr uint64_t kMaxHolders = 20;
  constexpr int kMaxLevels = 3;
  std::vector<Holder> settlers;
  std::vector<Address> level = {promise};
  for (int i = 0; i < kMaxLevels && !level.empty(); ++i) {
    std::vector<Address> next;
    for (const Address object : level) {
      ReferenceQuery query;
      query.word = object.value();
      query.limit = kMaxHolders;
      for (Holder& holder : context.session->references(query, context.progress)) {
        const bool is_context = holder.type.ends_with("Context") && holder.label.starts_with('[');
        // Arrays of no owner hold the registers of functions that wait.
        if (is_context || holder.label == ".(context)") {
          next.push_back(holder.address);
        } else if (holder.type != "FixedArray" && settlers.size() < kMaxSettlers) {
          settlers.push_back(std::move(holder));
        }
      }
    }
    level = std::move(next);
  }
  return settlers;
}

std::string settlers_text(RunContext& context, const AsyncStep& bottom) {
  std::string text;
  for (const Holder& holder : settlers_of(context, bottom.object)) {
    text += fmt::format("      held by {}{} of {}\n", escape_for_terminal(holder.type),
                        escape_for_terminal(holder.label), format_address(holder.address));
  }
  return text.empty() ? "      held by nothing: it stays as it is\n" : text;
}

void write_text(RunContext& context, const AsyncReport& report, size_t shown, bool settlers) {
  std::string text;
  const size_t hidden = report.chains.size() - shown;
  uint64_t total = 0;
  for (const AsyncChain& chain : report.chains) total += chain.count;
  for (size_t i = hidden; i < report.chains.size(); ++i) {
    const AsyncChain& chain = report.chains[i];
    text += fmt::format("{}:\n", format_count(chain.count, "chain"));
    for (const AsyncStep& step : chain.steps) {
      text += "    " + step_text(step) + "\n";
      if (settlers && step.kind == AsyncKind::kPromise) text += settlers_text(context, step);
    }
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

ExitCode show_async_chains(RunContext& context, const AsyncOptions& options) {
  const AsyncReport report = context.session->async_chains({}, context.progress);
  const ExitCode code =
      warn_about_answer(context, report.extent.coverage, report.extent.interrupted);
  if (report.is_cut) context.output.warn("there are more chains than are followed");
  const uint64_t most = options.limit.value_or(kUsualChains);
  const size_t shown =
      most == 0 ? report.chains.size() : std::min<size_t>(report.chains.size(), most);
  if (!options.json) {
    write_text(context, report, shown, options.settlers);
    return code;
  }
  Json document = begin_json(context, "bt");
  document["coverage"] = coverage_json(report.extent.coverage, report.extent.interrupted);
  document["pending_promises"] = report.pending_promises;
  document["total_chains"] = report.chains.size();
  document["async_chains"] = Json::array();
  for (size_t i = 0; i < shown; ++i) {  // the commonest first
    const AsyncChain& chain = report.chains[report.chains.size() - 1 - i];
    Json json = chain_json(chain);
    if (options.settlers && chain.steps.front().kind == AsyncKind::kPromise) {
      json["held_by"] = Json::array();
      for (const Holder& holder : settlers_of(context, chain.steps.front().object)) {
        json["held_by"].push_back({{"address", format_address(holder.address)},
                                   {"type", holder.type},
                                   {"label", holder.label}});
      }
    }
    document["async_chains"].push_back(std::move(json));
  }
  context.output.write(write_json(document));
  return code;
}

}  // namespace corewalk
