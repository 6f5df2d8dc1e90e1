#pragma once

namespace corewalk {

/// From here on the first Ctrl-C only asks the running command to stop. A second one before that
/// has happened ends the program, as if this had never been called.
void catch_interrupts();

/// Whether Ctrl-C was pressed since catch_interrupts().
[[nodiscard]] bool is_interrupted();

}  // namespace corewalk
