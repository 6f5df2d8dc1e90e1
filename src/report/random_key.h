#pragma once

#include <array>
#include <cstdint>

namespace corewalk {

/// 128 bits of the kernel's random numbers. Throws Failure(kUsage) if it gives none.
[[nodiscard]] std::array<uint64_t, 2> random_key();

}  // namespace corewalk
