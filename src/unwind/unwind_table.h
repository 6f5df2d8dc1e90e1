#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "memory/code_modules.h"
#include "memory/process_info.h"
#include "unwind/expression.h"
#include "unwind/registers.h"

namespace corewalk {

/// How to get one register of the caller.
struct RegisterRule {
  enum class Kind : uint8_t { kUnknown, kUnchanged, kExpression };
  Kind kind = Kind::kUnknown;
  std::vector<Operation> operations = {};
};

/// How to get from a call to its caller.
struct FrameRules {
  std::vector<Operation> frame_address;  ///< canonical: the caller's stack pointer
  std::vector<RegisterRule> registers;   ///< by DWARF's numbers
  RegisterRule return_address;
  bool interrupts = false;  ///< a signal handler's: the "caller" did not call but was interrupted
};

/// The call frame information (.eh_frame) of one module: how its functions keep their callers'
/// registers. Read by libdw, from a copy: so it works on bytes from a file, a core or a live
/// process alike. Not thread-safe.
class UnwindTable {
 public:
  UnwindTable(const CodeModule& module, Machine machine);
  ~UnwindTable();
  UnwindTable(const UnwindTable&) = delete;
  UnwindTable& operator=(const UnwindTable&) = delete;

  /// The rules that hold at `pc`; absent if no function with rules lies there.
  [[nodiscard]] std::optional<FrameRules> rules_at(Address pc) const;

  /// Why there are no rules at all; "" if there are.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::string problem_;
};

}  // namespace corewalk
