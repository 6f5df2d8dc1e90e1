#pragma once

#include <string_view>

#include "commands/output.h"

namespace corewalk {

/// Answers to standard output, warnings to standard error.
class ConsoleOutput final : public Output {
 public:
  ConsoleOutput();
  void write(std::string_view text) override;
  void warn(std::string_view sentence) override;
  [[nodiscard]] bool color() const override { return color_; }

  /// Throws Failure(kUsage) if not everything could be written.
  void finish();

 private:
  bool color_ = false;
};

/// "error: MESSAGE" on standard error.
void print_error(std::string_view message);

}  // namespace corewalk
