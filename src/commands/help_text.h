#pragma once

#include <string>
#include <string_view>

#include "base/failure.h"
#include "commands/command.h"

namespace corewalk {

/// The list of all commands with their summaries.
[[nodiscard]] std::string overview_help(const HostGrammar& host);

/// All about one command: usage, details, options, example.
[[nodiscard]] std::string command_help(const CommandSpec& spec, const HostGrammar& host);

/// The worked example of a command, its command lines as this host takes them.
[[nodiscard]] std::string example_for(const CommandSpec& spec, const HostGrammar& host);

/// The complaint about a command that does not exist, with the one that was perhaps meant.
[[nodiscard]] Failure unknown_command(std::string_view name, const HostGrammar& host);

/// `text` in lines of at most `width` characters, each after `indent` blanks. Line feeds stay.
[[nodiscard]] std::string wrap(std::string_view text, size_t width, size_t indent);

}  // namespace corewalk
