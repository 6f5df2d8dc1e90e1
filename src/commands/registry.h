#pragma once

#include <span>
#include <string_view>

#include "commands/command.h"

namespace corewalk {

/// All commands, in the order the help shows them.
[[nodiscard]] std::span<const CommandSpec* const> all_commands();

/// The command of that name, the host's own ones included, or null.
[[nodiscard]] const CommandSpec* find_command(std::string_view name, const HostGrammar& host);

/// The command whose name is most like `name`, or null if none is.
[[nodiscard]] const CommandSpec* similar_command(std::string_view name, const HostGrammar& host);

// One per file of this folder.
const CommandSpec& bt_command();
const CommandSpec& doctor_command();
const CommandSpec& dominators_command();
const CommandSpec& findjsinstances_command();
const CommandSpec& findjsobjects_command();
const CommandSpec& findrefs_command();
const CommandSpec& roots_command();
const CommandSpec& functions_command();
const CommandSpec& getactivehandles_command();
const CommandSpec& getactiverequests_command();
const CommandSpec& heap_command();
const CommandSpec& help_command();
const CommandSpec& info_command();
const CommandSpec& inspect_command();
const CommandSpec& isolates_command();
const CommandSpec& modules_command();
const CommandSpec& nodeinfo_command();
const CommandSpec& path_command();
const CommandSpec& print_command();
const CommandSpec& snapshot_command();
const CommandSpec& retainers_command();
const CommandSpec& source_list_command();
const CommandSpec& strings_command();
const CommandSpec& timers_command();
const CommandSpec& version_command();
const CommandSpec& whatis_command();

}  // namespace corewalk
