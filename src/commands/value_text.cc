#include "commands/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr size_t kIndent = 4;

/// Lines of the target's own text: each is escaped, the line ends stay.
std::string escape_lines(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    escaped += escape_for_terminal(text.substr(0, end));
    if (end < text.size()) escaped += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return escaped;
}

std::string label(SectionKind kind, const Member& member) {
  const std::string name = escape_for_terminal(member.name);
  switch (kind) {
    case SectionKind::kProperties:
      if (member.is_symbol) return fmt::format(".Symbol('{}')", name);
      // A private name brings its own #; what V8 keeps so has a name of V8's, or none.
      if (member.is_private && !name.starts_with('#')) return fmt::format("(private {})", name);
      return "." + name;
    case SectionKind::kElements:
    case SectionKind::kEmbedder:
      return fmt::format("[{}]", name);
    case SectionKind::kInternal:
      return fmt::format("({})", name);
    case SectionKind::kEntries:
    case SectionKind::kVariables:
    case SectionKind::kBytes:
    case SectionKind::kText:
    case SectionKind::kFrames:
      return name;
  }
  return name;
}

void append(const Value& value, size_t indent, std::string& text);

void append_member(SectionKind kind, const Member& member, size_t indent, std::string& text) {
  text.append(indent, ' ');
  if (kind == SectionKind::kFrames) {
    append(member.value, indent, text);
    if (!member.name.empty()) text += " at " + escape_for_terminal(member.name);
    return;
  }
  if (kind == SectionKind::kEntries) {
    if (member.key) {
      append(*member.key, indent, text);
      text += " => ";
    }
  } else {
    text += label(kind, member) + "=";
  }
  if (member.is_accessor) text += "<getter> ";
  append(member.value, indent, text);
  if (member.setter) {
    text += ", <setter> ";
    append(*member.setter, indent, text);
  }
  if (member.is_weak) text += " (weak)";
}

void append_section(const Section& section, size_t indent, std::string& text) {
  if (section.kind == SectionKind::kBytes) {
    text += section.text.empty() ? ": []" : fmt::format(": [\n{}\n]", escape_lines(section.text));
    return;
  }
  if (section.kind == SectionKind::kText) {
    text += fmt::format("\n  {}:\n{}\n", section.title, escape_lines(section.text));
    return;
  }
  text += section.title.empty() || section.title.ends_with('=') ? " " + section.title
                                                                : " " + section.title + " ";
  text += section.members.empty() ? "{" : "{\n";
  const char* separator = "";
  for (const Member& member : section.members) {
    text += separator;
    append_member(section.kind, member, indent + kIndent, text);
    separator = ",\n";
  }
  if (section.total > section.members.size()) {
    text += separator;
    text.append(indent + kIndent, ' ');
    text += fmt::format("... {} more (-l 0 shows all)", section.total - section.members.size());
  }
  if (section.damaged) text += " (in part unreadable)";
  text += "}";
}

void append(const Value& value, size_t indent, std::string& text) {
  if (value.address) text += format_address(*value.address) + ":";
  const std::string line = escape_for_terminal(value.text);
  if (value.sections.empty()) {
    text += line;
    return;
  }
  text += line.ends_with('>') ? line.substr(0, line.size() - 1) : line;
  for (const Section& section : value.sections) append_section(section, indent, text);
  text += ">";
}

constexpr std::array<const char*, 12> kKindNames = {
    "undefined", "null",     "boolean", "number", "bigint",   "string",
    "symbol",    "function", "object",  "hole",   "internal", "unreadable"};
constexpr std::array<const char*, 9> kSectionNames = {"properties",      "elements", "entries",
                                                      "variables",       "fields",   "error_stack",
                                                      "internal_fields", "bytes",    "text"};

std::string key_of(std::string title) {
  std::replace(title.begin(), title.end(), ' ', '_');
  return title;
}

Json primitive_json(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.primitive)) return *text;
  if (const auto* flag = std::get_if<bool>(&value.primitive)) return *flag;
  const auto* number = std::get_if<double>(&value.primitive);
  if (number == nullptr) return nullptr;
  // JSON has no NaN and no infinity: `text` says which.
  constexpr double kMaxExact = 9007199254740992;
  if (!std::isfinite(*number)) return nullptr;
  const bool is_integer = *number == std::floor(*number) && std::abs(*number) < kMaxExact;
  if (is_integer && !(*number == 0 && std::signbit(*number))) return static_cast<int64_t>(*number);
  return *number;
}

Json member_json(SectionKind kind, const Member& member) {
  Json json = Json::object();
  if (kind != SectionKind::kEntries) json["name"] = member.name;
  if (member.key) json["key"] = value_json(*member.key);
  if (member.is_accessor) json["accessor"] = true;
  if (member.is_symbol) json["symbol"] = true;
  if (member.is_private) json["private"] = true;
  if (member.is_weak) json["weak"] = true;
  if (member.read_only) json["read_only"] = true;
  if (member.hidden) json["hidden"] = true;
  json[member.is_accessor ? "getter" : "value"] = value_json(member.value);
  if (member.setter) json["setter"] = value_json(*member.setter);
  return json;
}

}  // namespace

std::string value_line(const Value& value) {
  return (value.address ? format_address(*value.address) + ":" : "") +
         escape_for_terminal(value.text);
}

std::string value_text(const Value& value) {
  std::string text;
  append(value, 0, text);
  return text;
}

Json value_json(const Value& value) {
  Json json = Json::object();
  json["address"] = json_address(value.address);
  json["kind"] = kKindNames.at(static_cast<size_t>(value.kind));
  json["type"] = value.type;
  json["text"] = value.text;
  if (!std::holds_alternative<std::monostate>(value.primitive)) {
    json["value"] = primitive_json(value);
  }
  if (value.cut) json["truncated"] = true;
  if (value.shallow_bytes != 0) json["shallow_bytes"] = value.shallow_bytes;
  for (const Section& section : value.sections) {
    const char* name = kSectionNames.at(static_cast<size_t>(section.kind));
    if (section.kind == SectionKind::kText || section.kind == SectionKind::kBytes) {
      json[section.kind == SectionKind::kText ? key_of(section.title) : name] = section.text;
      continue;
    }
    Json members = json.contains(name) ? json[name] : Json::array();
    for (const Member& member : section.members)
      members.push_back(member_json(section.kind, member));
    json[name] = std::move(members);
    if (section.total > section.members.size()) {
      json[fmt::format("{}_total", name)] = section.total;
    }
  }
  return json;
}

void add_location(Json& json, const v8::SourceLocation& location) {
  json["file"] = json_text(location.file);
  json["line"] = location.line == 0 ? Json() : Json(location.line);
  json["column"] = location.line == 0 ? Json() : Json(location.column);
}

}  // namespace corewalk
