#pragma once

#include <cstdint>
#include <string>

namespace corewalk {

/// The value of "0x2f1b3c04a9a1", "4711" or a sum of such: "0x2f1b3c04a9a1 + 0x18 - 1". What hosts
/// without an expression language take for an address. Throws Failure(kUsage).
[[nodiscard]] uint64_t evaluate_address(const std::string& expression);

}  // namespace corewalk
