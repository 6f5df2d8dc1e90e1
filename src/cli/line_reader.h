#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace corewalk {

/// Reads lines: with history, editing and completion of first words on a terminal if libedit was
/// there at build time; else as they come.
class LineReader {
 public:
  explicit LineReader(std::vector<std::string> first_words);

  /// Nothing at the end of input.
  [[nodiscard]] std::optional<std::string> read(const std::string& prompt);

 private:
  bool is_terminal_ = false;
};

/// Words of a line; 'single' and "double" quotes and backslashes as in a shell. Throws
/// Failure(kUsage) if a quote is not closed.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line);

}  // namespace corewalk
