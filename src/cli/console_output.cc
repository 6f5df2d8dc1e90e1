#include "cli/console_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/failure.h"

namespace corewalk {
namespace {

/// https://no-color.org: set and not empty means no.
bool wants_color() {
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* const terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

}  // namespace

ConsoleOutput::ConsoleOutput() : color_(wants_color()) {}

void ConsoleOutput::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void ConsoleOutput::warn(std::string_view sentence) {
  std::fflush(stdout);
  fmt::print(stderr, "warning: {}\n", sentence);
}

void ConsoleOutput::finish() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("The answer could not be written: {}.", std::strerror(errno)));
  }
}

void print_error(std::string_view message) {
  std::fflush(stdout);
  fmt::print(stderr, "error: {}\n", message);
}

}  // namespace corewalk
