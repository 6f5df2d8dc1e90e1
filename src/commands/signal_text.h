#pragma once

#include <string>

#include "memory/process_info.h"

namespace corewalk {

/// Why the process ended, in one line: the signal, who sent it and, for a fault, where.
[[nodiscard]] std::string describe_end(const ProcessInfo& process);

}  // namespace corewalk
