#include "commands/retention_text.h"

#include <fmt/format.h>

#include <array>

#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// A string's text is the name of its node: as much of it as says which it is.
constexpr size_t kMaxNameCells = 80;

constexpr std::array<const char*, 7> kEdgeKinds = {"context", "element",  "property", "internal",
                                                   "hidden",  "shortcut", "weak"};

std::string property_text(const std::string& name) {
  return name.find(' ') == std::string::npos ? "." + name : "[\"" + name + "\"]";
}

}  // namespace

// The words of DevTools' heap snapshot view (front_end, HeapSnapshot.ts, JSHeapSnapshotEdge).
std::string edge_text(const EdgeLabel& edge) {
  switch (edge.kind) {
    case EdgeKind::kContext:
      return "->" + edge.name;
    case EdgeKind::kElement:
      return "[" + edge.name + "]";
    case EdgeKind::kProperty:
    case EdgeKind::kShortcut:
      return property_text(edge.name);
    case EdgeKind::kInternal:
    case EdgeKind::kHidden:
      return "{" + edge.name + "}";
    case EdgeKind::kWeak:
      return "[[" + edge.name + "]]";
  }
  return edge.name;
}

std::string object_text(const GraphObject& object) {
  std::string text = shorten(object.name, kMaxNameCells);
  if (object.address) text += " " + format_address(*object.address);
  if (!object.owner.empty()) text += " of " + object.owner;
  return text;
}

std::string object_line(const GraphObject& object, bool is_live) {
  std::string text = object.address ? format_address(*object.address) + " " : "";
  text += escape_for_terminal(shorten(object.name, kMaxNameCells));
  if (!is_live) return text + ": unreachable: nothing holds it\n";
  text += fmt::format(": retains {}, {} of them its own",
                      format_count(object.retained_bytes, "byte"), object.shallow_bytes);
  if (object.distance) text += fmt::format("; distance {}", *object.distance);
  return text + "\n";
}

void add_step(std::string& line, const std::string& words) {
  if (words.empty()) return;
  const bool is_suffix = words.front() == '.' || words.front() == '[';
  if (!line.empty() && !is_suffix) line += " -> ";
  line += words;
}

std::string path_line(std::span<const PathHop> hops) {
  std::string line;
  for (size_t i = 0; i < hops.size(); ++i) {
    add_step(line, hops[i].words);
    if (i + 1 < hops.size()) add_step(line, hops[i].edge_words);
  }
  return line;
}

Json object_json(const GraphObject& object) {
  Json json = Json::object();
  json["address"] = json_address(object.address);
  json["name"] = object.name;
  json["kind"] = object.is_root ? "root" : object.address ? "object" : "native";
  json["owner"] = json_text(object.owner);
  json["shallow_bytes"] = object.shallow_bytes;
  json["retained_bytes"] = object.retained_bytes;
  json["distance"] = object.distance ? Json(*object.distance) : Json();
  return json;
}

Json edge_json(const EdgeLabel& edge) {
  return {{"type", kEdgeKinds.at(static_cast<size_t>(edge.kind))}, {"name", edge.name}};
}

}  // namespace corewalk
