#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.h"

namespace corewalk {

/// A command line taken apart.
struct ParsedCommand {
  std::unique_ptr<Command> command;
  std::vector<std::string> leading;  ///< the host's arguments, in order
  bool needs_core = true;            ///< false for `NAME --help` as well
};

/// Reads `arguments` (without the command's name). Throws Failure(kUsage) with the usage line.
[[nodiscard]] ParsedCommand parse_command(const CommandSpec& spec,
                                          std::span<const std::string> arguments,
                                          const HostGrammar& host);

/// "v8 findjsinstances [flags] instance_name".
[[nodiscard]] std::string usage_of(const CommandSpec& spec, const HostGrammar& host);

}  // namespace corewalk
