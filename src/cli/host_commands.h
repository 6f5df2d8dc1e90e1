#pragma once

#include <span>

#include "commands/command.h"

namespace corewalk {

/// Commands that only the shell program has.
[[nodiscard]] std::span<const CommandSpec* const> host_commands();

const CommandSpec& completion_command();
const CommandSpec& lldb_setup_command();
const CommandSpec& manual_command();

}  // namespace corewalk
