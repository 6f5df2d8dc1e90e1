#include "commands/resource_text.h"

#include <fmt/format.h>

#include "commands/value_text.h"
#include "report/escape.h"

namespace corewalk {
namespace {

/// "fd=23"; a flag that is set by its name alone, one that is not not at all.
std::string fact_text(const Fact& fact) {
  if (const auto* flag = std::get_if<bool>(&fact.value)) return *flag ? fact.name : "";
  if (const auto* number = std::get_if<int64_t>(&fact.value)) {
    return fmt::format("{}={}", fact.name, *number);
  }
  if (const auto* callback = std::get_if<Callback>(&fact.value)) {
    return fmt::format("{}={}", fact.name, callback_text(*callback));
  }
  return fmt::format("{}={}", fact.name, escape_for_terminal(std::get<std::string>(fact.value)));
}

Json fact_json(const Fact& fact) {
  if (const auto* flag = std::get_if<bool>(&fact.value)) return *flag;
  if (const auto* number = std::get_if<int64_t>(&fact.value)) return *number;
  if (const auto* callback = std::get_if<Callback>(&fact.value)) return callback_json(*callback);
  return std::get<std::string>(fact.value);
}

}  // namespace

std::string callback_text(const Callback& callback) {
  const std::string name =
      callback.name.empty() ? "(anonymous)" : escape_for_terminal(callback.name);
  const std::string place = escape_for_terminal(callback.place.text());
  return place.empty() ? name : name + " at " + place;
}

Json callback_json(const Callback& callback) {
  Json json = Json::object();
  json["function"] = json_address(callback.function);
  json["name"] = json_text(callback.name);
  add_location(json, callback.place);
  return json;
}

std::string resource_line(RunContext& context, const Resource& resource) {
  std::string line =
      value_line(context.session->inspect(resource.object.value(), {.depth = 0}, context.progress));
  std::string facts;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) facts += (facts.empty() ? " " : ", ") + text;
  };
  for (const Fact& fact : resource.facts) add(fact_text(fact));
  if (resource.closing) add("closing");
  if (!resource.active && !resource.closing) add("inactive");
  if (!resource.refd) add("unref");
  return line + facts;
}

Json resource_json(const Resource& resource) {
  Json json = Json::object();
  json["isolate"] = resource.isolate;
  json["address"] = json_address(resource.object);
  json["type"] = json_text(resource.type);
  json["resource"] = json_text(resource.resource);
  json["native_address"] = json_address(resource.native);
  json["refd"] = resource.refd;
  json["active"] = resource.active;
  json["closing"] = resource.closing;
  json["facts"] = Json::object();
  for (const Fact& fact : resource.facts) json["facts"][fact.name] = fact_json(fact);
  return json;
}

}  // namespace corewalk
