#pragma once

#include <string_view>

namespace corewalk {

/// Where a command writes. The hosts implement it: standard output and error, or LLDB's result.
class Output {
 public:
  virtual ~Output() = default;
  /// A piece of the answer, as it stands.
  virtual void write(std::string_view text) = 0;
  /// One sentence on what to distrust in the answer. Shown before or beside it, never inside.
  virtual void warn(std::string_view sentence) = 0;
  /// True if the answer goes to a terminal that shows colours.
  [[nodiscard]] virtual bool color() const = 0;
};

}  // namespace corewalk
