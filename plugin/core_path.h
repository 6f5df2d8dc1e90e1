#pragma once

#include <lldb/API/LLDB.h>

#include <optional>
#include <string>

namespace corewalk::plugin {

/// The core file that `process` was loaded from, so that we can map it ourselves; nothing if it is
/// a live process, or the file cannot be found.
[[nodiscard]] std::optional<std::string> find_core_path(lldb::SBProcess& process);

/// Whether `process` is a core, whatever its format.
[[nodiscard]] bool is_core(lldb::SBProcess& process);

}  // namespace corewalk::plugin
