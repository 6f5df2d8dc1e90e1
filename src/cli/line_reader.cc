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
std::vector<std::string> completions;

char* next_completion(const char* text, int state) {
  static size_t index = 0;
  if (state == 0) index = 0;
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

LineReader::LineReader([[maybe_unused]] std::vector<std::string> first_words)
    : is_terminal_(isatty(STDIN_FILENO) != 0) {
#ifdef COREWALK_HAVE_LIBEDIT
  completions = std::move(first_words);
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
