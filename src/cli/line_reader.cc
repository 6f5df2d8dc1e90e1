#include "cli/line_reader.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#include "base/failure.h"

#ifdef COREWALK_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

namespace corewalk {
namespace {

#ifdef COREWALK_HAVE_LIBEDIT
// libedit's completion is a C callback without a context.
LineReader::Suggest suggest_words;

/// The words before the one that the cursor is in. A quote left open suggests nothing.
std::vector<std::string> suggestions_at_cursor(const char* text) {
  const std::string_view line(rl_line_buffer, static_cast<size_t>(rl_point));
  try {
    return suggest_words(split_words(line.substr(0, line.size() - std::strlen(text))));
  } catch (const Failure&) {
    return {};
  }
}

char* next_completion(const char* text, int state) {
  static std::vector<std::string> completions;
  static size_t index = 0;
  if (state == 0) {
    completions = suggestions_at_cursor(text);
    index = 0;
  }
  while (index < completions.size()) {
    const std::string& word = completions[index++];
    if (word.compare(0, std::strlen(text), text) == 0) return strdup(word.c_str());
  }
  return nullptr;
}

std::optional<std::string> read_edited(const std::string& prompt) {
  char* const line = readline(prompt.c_str());
  if (line == nullptr) return {};
  std::string text = line;
  std::free(line);  // NOLINT: readline's contract
  if (!text.empty()) add_history(text.c_str());
  return text;
}
#endif

}  // namespace

LineReader::LineReader([[maybe_unused]] Suggest suggest) : is_terminal_(isatty(STDIN_FILENO) != 0) {
#ifdef COREWALK_HAVE_LIBEDIT
  suggest_words = std::move(suggest);
  rl_completion_entry_function = next_completion;
#endif
}

std::optional<std::string> LineReader::read(const std::string& prompt) {
#ifdef COREWALK_HAVE_LIBEDIT
  if (is_terminal_) return read_edited(prompt);
#endif
  if (is_terminal_) std::cout << prompt << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return {};
  return line;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      in_word = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') {
    throw Failure(ExitCode::kUsage, std::string("The quote ") + quote + " is not closed.");
  }
  if (in_word) words.push_back(word);
  return words;
}

}  // namespace corewalk
