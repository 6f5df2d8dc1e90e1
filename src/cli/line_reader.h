#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace corewalk {

/// Reads lines: with history, editing and completion on a terminal if libedit was there at build
/// time; else as they come.
class LineReader {
 public:
  /// What may follow the words that stand before the cursor.
  using Suggest = std::function<std::vector<std::string>(std::span<const std::string> words)>;

  explicit LineReader(Suggest suggest);

  /// Nothing at the end of input.
  [[nodiscard]] std::optional<std::string> read(const std::string& prompt);

 private:
  bool is_terminal_ = false;
};

/// Words of a line; 'single' and "double" quotes and backslashes as in a shell. Throws
/// Failure(kUsage) if a quote is not closed.
[[nodiscard]] std::vector<std::string> split_words(std::string_view line);

}  // namespace corewalk
