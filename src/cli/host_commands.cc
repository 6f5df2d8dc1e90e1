#include "cli/host_commands.h"

#include <array>

namespace corewalk {

std::span<const CommandSpec* const> host_commands() {
  static const std::array kCommands = {&lldb_setup_command(), &completion_command(),
                                       &manual_command()};
  return kCommands;
}

}  // namespace corewalk
