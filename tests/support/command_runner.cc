#include "support/command_runner.h"

#include <sstream>

#include "commands/help_text.h"
#include "commands/registry.h"

namespace corewalk::test {
namespace {

/// Throws what the command throws.
ExitCode run_line(const std::string& line, TextOutput& output, Paging& paging) {
  HostGrammar host;
  host.caller = "v8 ";
  host.prompt = "(lldb) ";
  std::vector<std::string> words = words_of(line);
  const CommandSpec* spec = find_command(words.front(), host);
  if (spec == nullptr) throw unknown_command(words.front(), host);
  words.erase(words.begin());
  const ParsedCommand parsed = parse_command(*spec, words, host);
  NoProgress progress;
  std::unique_ptr<Session> session;
  if (parsed.needs_core) {
    SessionOptions options;
    options.core = "core.4711";
    session = Session::open(options, progress);
  }
  RunContext context{.session = session.get(),
                     .output = output,
                     .progress = progress,
                     .paging = paging,
                     .host = host};
  return parsed.command->run(context);
}

}  // namespace

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Answer CommandRunner::run(const std::string& line) {
  TextOutput output;
  output.set_color(color_);
  Answer answer;
  try {
    answer.code = run_line(line, output, paging_);
  } catch (const Failure& failure) {
    answer.code = failure.code();
    answer.error = failure.what();
  }
  answer.text = output.text();
  answer.warnings = output.warnings();
  return answer;
}

}  // namespace corewalk::test
