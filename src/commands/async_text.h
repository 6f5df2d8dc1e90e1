#pragma once

#include <optional>

#include "commands/command.h"

namespace corewalk {

/// `bt --async`: who waits for whom. Shows the `limit` commonest chains.
ExitCode show_async_chains(RunContext& context, std::optional<uint64_t> limit, bool json);

}  // namespace corewalk
