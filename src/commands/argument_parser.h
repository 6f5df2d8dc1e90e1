#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.h"
#include "commands/option_list.h"

namespace corewalk {

/// What a host adds to every command line.
struct HostGrammar {
  /// What stands before a command's name: "v8 ", "corewalk ".
  std::string caller;
  /// Arguments before the command's own, which go to `leading`: "CORE [EXE]". Empty: none.
  std::string leading_usage;
  size_t min_leading = 0;
  size_t max_leading = 0;
  /// Options of the host; may be null.
  const OptionList* options = nullptr;
};

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
