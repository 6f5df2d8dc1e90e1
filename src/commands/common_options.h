#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "commands/option_list.h"
#include "commands/output.h"
#include "report/table.h"
#include "session/session.h"

namespace corewalk {

/// --json and --no-color: every command has them.
struct FormatOptions {
  bool json = false;
  bool no_color = false;

  void declare(OptionList& options);
  [[nodiscard]] TextStyle style(const Output& output) const;
};

/// --isolate: commands about the JavaScript heap have it.
struct IsolateOption {
  std::optional<uint64_t> number;

  void declare(OptionList& options);
  /// The isolate asked for. Throws Failure(kUsage) if the process has no such one.
  [[nodiscard]] std::optional<v8::IsolateIndex> resolve(Session& session, Progress& progress) const;
};

/// --limit, --filter, --min-size: commands that print rows have them.
struct RowOptions {
  std::optional<uint64_t> limit;
  std::optional<std::string> filter;
  uint64_t min_size = 0;

  void declare(OptionList& options);
};

/// A compiled --filter; without one everything passes. Matches anywhere in the name.
class NameFilter {
 public:
  /// Throws Failure(kUsage) if the pattern is not a regular expression.
  explicit NameFilter(const std::optional<std::string>& pattern);
  [[nodiscard]] bool passes(std::string_view name) const;

 private:
  std::optional<std::regex> pattern_;
};

}  // namespace corewalk
