#include "cli/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "cli/host_commands.h"
#include "cli/interrupt.h"
#include "cli/line_reader.h"
#include "cli/suggestions.h"
#include "commands/argument_parser.h"
#include "commands/help_text.h"
#include "commands/registry.h"
#include "commands/terminal_progress.h"
#include "report/escape.h"

namespace corewalk {
namespace {

class Prompt final : public Command {
 public:
  void declare(OptionList& /*options*/) override {}
  ExitCode run(RunContext& /*context*/) override { return ExitCode::kDone; }
};

/// `corewalk CORE [EXE] [options]` has the grammar of a command whose name is empty.
const CommandSpec& prompt_command() {
  static const CommandSpec kSpec = {
      .name = "",
      .summary = "Open a prompt on a core",
      .details = "Opens a prompt that takes the commands without the name of the core.",
      .hidden = true,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Prompt>()); },
  };
  return kSpec;
}

TerminalProgress make_progress() {
  return TerminalProgress(isatty(STDERR_FILENO) != 0, is_interrupted);
}

}  // namespace

HostGrammar shell_grammar(const CoreOptions* core_options) {
  return {.caller = "corewalk ",
          .prompt = "$ ",
          .leading_usage = "CORE [EXE]",
          .leading_example = "core.4711",
          .min_leading = 1,
          .max_leading = 2,
          .options = core_options == nullptr ? nullptr : &core_options->list(),
          .extra_commands = host_commands()};
}

Program::Program() : shell_(shell_grammar(&core_options_)) {
  prompt_.caller = "";
  prompt_.prompt = "(corewalk) ";
}

ExitCode Program::run(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    throw Failure(ExitCode::kUsage,
                  "USAGE: corewalk NAME CORE [EXE] [options]\n"
                  "'corewalk help' lists the commands, 'corewalk CORE' opens a prompt.");
  }
  const std::string& first = arguments.front();
  const std::span<const std::string> rest = arguments.subspan(1);
  if (first == "--version" || first == "-V") return run_command(version_command(), rest);
  if (first == "--help" || first == "-h") return run_command(help_command(), rest);
  if (const CommandSpec* spec = find_command(first, shell_); spec != nullptr) {
    return run_command(*spec, rest);
  }
  std::error_code error;
  const bool looks_like_file = first.find_first_of("/.") != std::string::npos;
  if (looks_like_file || first.front() == '-' || std::filesystem::exists(first, error)) {
    return run_prompt(arguments);
  }
  throw unknown_command(first, shell_);
}

ExitCode Program::run_command(const CommandSpec& spec, std::span<const std::string> arguments) {
  const ParsedCommand parsed = parse_command(spec, arguments, shell_);
  TerminalProgress progress = make_progress();
  std::unique_ptr<Session> session;
  if (parsed.needs_core) {
    catch_interrupts();
    SessionOptions options = core_options_.session_options(parsed.leading);
    options.one_question = true;
    session = Session::open(options, progress);
  }
  RunContext context{.session = session.get(),
                     .output = output_,
                     .progress = progress,
                     .paging = paging_,
                     .host = shell_};
  const ExitCode code = parsed.command->run(context);
  output_.finish();
  return code;
}

ExitCode Program::run_prompt(std::span<const std::string> arguments) {
  const ParsedCommand parsed = parse_command(prompt_command(), arguments, shell_);
  if (!parsed.needs_core) return run_command(help_command(), {});
  std::unique_ptr<Session> session;
  {
    TerminalProgress progress = make_progress();
    session = Session::open(core_options_.session_options(parsed.leading), progress);
  }

  LineReader reader([this](std::span<const std::string> words) { return suggest(words, prompt_); });
  if (isatty(STDIN_FILENO) != 0) {
    output_.write("Type a command without the name of the core; 'help' lists them, 'quit' ends.\n");
    output_.finish();
  }
  ExitCode code = ExitCode::kDone;
  std::string previous;
  while (std::optional<std::string> line = reader.read("(corewalk) ")) {
    // An empty line turns the page, as in LLDB.
    if (line->empty()) line = previous;
    previous = *line;
    if (*line == "quit" || *line == "exit" || *line == "q") break;
    try {
      code = run_prompt_line(*session, *line);
      output_.finish();
    } catch (const Failure& failure) {
      print_error(failure.what());
      code = failure.code();
    }
  }
  // A person has seen each error; a script needs to be told.
  return isatty(STDIN_FILENO) != 0 ? ExitCode::kDone : code;
}

ExitCode Program::run_prompt_line(Session& session, const std::string& line) {
  std::vector<std::string> words = split_words(line);
  if (!words.empty() && words.front() == "v8") words.erase(words.begin());
  if (words.empty()) return ExitCode::kDone;
  const CommandSpec* spec = find_command(words.front(), prompt_);
  if (spec == nullptr) throw unknown_command(words.front(), prompt_);
  const ParsedCommand parsed = parse_command(*spec, std::span(words).subspan(1), prompt_);
  catch_interrupts();
  TerminalProgress progress = make_progress();
  RunContext context{.session = &session,
                     .output = output_,
                     .progress = progress,
                     .paging = paging_,
                     .host = prompt_};
  return parsed.command->run(context);
}

}  // namespace corewalk
