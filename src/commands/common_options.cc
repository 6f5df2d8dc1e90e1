#include "commands/common_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failure.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// std::regex recurses once per character: a hostile name must not exhaust the stack.
constexpr size_t kMaxMatchedBytes = 512;

}  // namespace

void FormatOptions::declare(OptionList& options) {
  options.flag(json, "--json", "print one JSON object, for scripts (docs/schema)");
  options.flag(no_color, "--no-color", "no colours, even on a terminal (also: NO_COLOR)");
}

TextStyle FormatOptions::style(const Output& output) const {
  return {.color = output.color() && !no_color};
}

void IsolateOption::declare(OptionList& options) {
  options.number(number, "--isolate", "N",
                 "only this isolate: the main thread's or a worker's, as 'isolates' numbers them");
}

std::optional<v8::IsolateIndex> IsolateOption::resolve(Session& session, Progress& progress) const {
  if (!number) return {};
  const std::vector<IsolateSummary> all = session.isolates(progress);
  const bool exists = std::any_of(all.begin(), all.end(), [&](const IsolateSummary& isolate) {
    return isolate.index == *number;
  });
  if (!exists) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("There is no isolate {}: the process has {}. The command 'isolates' "
                              "lists them.",
                              *number, format_count(all.size(), "isolate")));
  }
  return static_cast<v8::IsolateIndex>(*number);
}

void RowOptions::declare(OptionList& options) {
  options.number(limit, "--limit", "N", "only the N largest rows (the first N if sorted by name)");
  options.text(filter, "--filter", "REGEX", "only names that match this regular expression");
  options.size(min_size, "--min-size", "only rows of at least this many bytes, such as 1MB");
}

NameFilter::NameFilter(const std::optional<std::string>& pattern) {
  if (!pattern) return;
  try {
    pattern_.emplace(*pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("'{}' is not a regular expression. To match its characters as they "
                              "are, put a backslash before each of ( ) [ ] {{ }} . * + ? ^ $ | \\.",
                              escape_for_terminal(*pattern)));
  }
}

bool NameFilter::passes(std::string_view name) const {
  if (!pattern_) return true;
  const std::string_view head = name.substr(0, kMaxMatchedBytes);
  return std::regex_search(head.begin(), head.end(), *pattern_);
}

}  // namespace corewalk
