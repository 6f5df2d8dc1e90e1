#pragma once

#include <lldb/API/LLDB.h>

#include "session/session.h"

namespace corewalk::plugin {

/// A process that only LLDB can read: a live one, or a core of a format we cannot map.
[[nodiscard]] HostTarget make_live_target(lldb::SBTarget& target, lldb::SBProcess& process);

}  // namespace corewalk::plugin
