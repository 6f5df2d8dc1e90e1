#pragma once

#include <map>
#include <optional>
#include <string>

#include "memory/address_space.h"
#include "memory/code_modules.h"
#include "unwind/registers.h"
#include "unwind/unwind_table.h"

namespace corewalk {

/// Goes from a call in compiled code to its caller, by the unwind tables of its module. It guesses
/// nothing: without tables there is no caller. Not thread-safe.
class NativeUnwinder {
 public:
  /// Both must live as long as *this.
  NativeUnwinder(const AddressSpace& memory, const CodeModules& modules)
      : memory_(memory), modules_(modules) {}

  struct Step {
    std::optional<Registers> caller = {};
    bool caller_was_interrupted = false;  ///< by a signal: its pc is no return address
    bool is_outermost = false;            ///< the tables say that nobody called
    bool has_no_rules = false;            ///< `pc` is in no function that the tables know
    std::string problem = {};             ///< why there is no caller, if it is not the outermost
  };

  /// `is_return_address`: the pc is behind the instruction that counts, a call.
  [[nodiscard]] Step step(const Registers& callee, bool is_return_address);

 private:
  [[nodiscard]] const UnwindTable& table_of(const CodeModule& module, Machine machine);
  [[nodiscard]] Step apply(const FrameRules& rules, const Registers& callee) const;
  [[nodiscard]] std::optional<uint64_t> value_of(const RegisterRule& rule,
                                                 std::optional<uint64_t> unchanged,
                                                 const Registers& callee,
                                                 Address frame_address) const;

  const AddressSpace& memory_;
  const CodeModules& modules_;
  std::map<const CodeModule*, UnwindTable> tables_;
};

}  // namespace corewalk
