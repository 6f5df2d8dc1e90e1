#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/output.h"

namespace corewalk::test {

/// Keeps what a command writes.
class TextOutput final : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  void warn(std::string_view sentence) override { warnings_.emplace_back(sentence); }
  [[nodiscard]] bool color() const override { return color_; }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  void set_color(bool color) { color_ = color; }

 private:
  std::string text_;
  std::vector<std::string> warnings_;
  bool color_ = false;
};

}  // namespace corewalk::test
