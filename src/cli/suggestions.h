#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "commands/command.h"

namespace corewalk {

/// A command with its options declared.
struct DeclaredCommand {
  const CommandSpec* spec = nullptr;
  std::unique_ptr<Command> command;  ///< what the options are bound to
  OptionList options;
};

/// All commands of the host that are in a list, with their options.
[[nodiscard]] std::vector<DeclaredCommand> declared_commands(const HostGrammar& host);

/// The last, longest name of an option: "--detailed" of "-d,--detailed".
[[nodiscard]] std::string long_name(const Option& option);

/// What may come after these words of a line at the prompt.
[[nodiscard]] std::vector<std::string> suggest(std::span<const std::string> words,
                                               const HostGrammar& host);

}  // namespace corewalk
