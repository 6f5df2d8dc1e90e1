#pragma once

#include <stdexcept>
#include <string>

namespace corewalk {

/// Process exit codes, the same for every command (docs/exit-codes.md).
enum class ExitCode : int {
  kDone = 0,
  kRuleFailed = 1,   ///< a rule the user asked for did not hold
  kUsage = 2,        ///< bad arguments, or the environment: no such file, not a core
  kPartial = 3,      ///< an answer, but something of the heap is missing
  kUnsupported = 4,  ///< not Node, or a V8 that no layout fits
};

/// What ends a command: thrown where it is found, caught once by each host, printed as it stands.
/// The message says what is wrong and what to do about it. Damage in target data is never a
/// Failure; it is a Fault value.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace corewalk
