#include "report/random_key.h"

#include <sys/random.h>

#include "base/failure.h"

namespace corewalk {

std::array<uint64_t, 2> random_key() {
  std::array<uint64_t, 2> key = {};
  // So few bytes come whole, and no signal interrupts it.
  if (::getrandom(key.data(), sizeof(key), 0) != static_cast<ssize_t>(sizeof(key))) {
    throw Failure(ExitCode::kUsage, "The kernel gives no random numbers.");
  }
  return key;
}

}  // namespace corewalk
