#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "memory/address_space.h"

namespace corewalk {

/// What the kernel put on the main thread's stack for the program. NT_PRPSINFO has only the first
/// 79 characters of it.
struct InitialStack {
  /// argv. A process that set its title (process.title) has overwritten it.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
};

/// Finds and reads it by means of the auxiliary vector, which lies between its pointers and its
/// strings. Nothing if the core does not hold that part of the stack, or if it is damaged.
[[nodiscard]] std::optional<InitialStack> read_initial_stack(
    const AddressSpace& memory, const std::map<uint64_t, uint64_t>& auxv);

}  // namespace corewalk
