#pragma once

#include <cstdint>

namespace corewalk {

/// Asks the processor to read `*address`, for use a little later. The address need not be valid.
inline void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  (void)address;
#endif
}

/// How many steps a loop reads ahead of what it works on: memory answers in about 100 ns, and a
/// step takes some 5.
inline constexpr uint32_t kReadAhead = 16;

}  // namespace corewalk
