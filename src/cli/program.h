#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/failure.h"
#include "cli/console_output.h"
#include "commands/command.h"
#include "commands/core_options.h"

namespace corewalk {

/// The grammar of the shell program: "corewalk NAME CORE [EXE] [options]".
[[nodiscard]] HostGrammar shell_grammar(const CoreOptions* core_options);

/// The shell program.
class Program {
 public:
  Program();

  /// Runs one command line (without the program's name). Throws Failure.
  ExitCode run(std::span<const std::string> arguments);

 private:
  ExitCode run_command(const CommandSpec& spec, std::span<const std::string> arguments);
  ExitCode run_prompt(std::span<const std::string> arguments);
  ExitCode run_prompt_line(Session& session, const std::string& line);

  CoreOptions core_options_;
  HostGrammar shell_;
  HostGrammar prompt_;
  ConsoleOutput output_;
  Paging paging_;
};

}  // namespace corewalk
