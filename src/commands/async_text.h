#pragma once

#include <optional>

#include "commands/command.h"

namespace corewalk {

struct AsyncOptions {
  std::optional<uint64_t> limit = {};  ///< the commonest chains; 0: all
  bool settlers = false;               ///< say who holds what would settle the promises
  bool json = false;
};

/// `bt --async`: who waits for whom.
ExitCode show_async_chains(RunContext& context, const AsyncOptions& options);

}  // namespace corewalk
