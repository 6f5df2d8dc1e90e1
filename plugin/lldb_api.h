#pragma once

#include <lldb/API/LLDB.h>

#include <optional>
#include <string>

namespace corewalk::plugin {

/// Whether the user pressed Ctrl-C during the command that runs. Call it from the thread that LLDB
/// runs the command in.
[[nodiscard]] bool is_interrupted(lldb::SBDebugger& debugger);

/// The path of the core file, if this LLDB (19 or later) tells it.
[[nodiscard]] std::optional<std::string> reported_core_path(lldb::SBProcess& process);

/// The path of a file as a string; empty if there is none.
[[nodiscard]] std::string to_path(const lldb::SBFileSpec& file);

}  // namespace corewalk::plugin
