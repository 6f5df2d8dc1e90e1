#include "unwind/native_unwinder.h"

#include <fmt/format.h>

namespace corewalk {

const UnwindTable& NativeUnwinder::table_of(const CodeModule& module, Machine machine) {
  return tables_.try_emplace(&module, module, machine).first->second;
}

NativeUnwinder::Step NativeUnwinder::step(const Registers& callee, bool is_return_address) {
  const Address at = is_return_address ? callee.pc() - 1 : callee.pc();
  const CodeModule* module = modules_.find(at);
  if (module == nullptr) {
    return {.has_no_rules = true,
            .problem = fmt::format("0x{:x} lies in no module", callee.pc().value())};
  }
  const UnwindTable& table = table_of(*module, callee.machine());
  if (!table.problem().empty()) return {.problem = table.problem()};
  const auto rules = table.rules_at(at);
  if (!rules) {
    return {.has_no_rules = true,
            .problem = fmt::format("no unwind table knows 0x{:x} in {}", callee.pc().value(),
                                   module->path)};
  }
  return apply(*rules, callee);
}

std::optional<uint64_t> NativeUnwinder::value_of(const RegisterRule& rule,
                                                 std::optional<uint64_t> unchanged,
                                                 const Registers& callee,
                                                 Address frame_address) const {
  switch (rule.kind) {
    case RegisterRule::Kind::kUnknown:
      return {};
    case RegisterRule::Kind::kUnchanged:
      return unchanged;
    case RegisterRule::Kind::kExpression:
      break;
  }
  const auto result = evaluate(rule.operations, callee, frame_address, memory_);
  if (!result) return {};
  if (result->is_value) return result->value;
  const auto kept = memory_.read<uint64_t>(Address(result->value), "saved register");
  return kept ? std::optional(*kept) : std::nullopt;
}

NativeUnwinder::Step NativeUnwinder::apply(const FrameRules& rules, const Registers& callee) const {
  // The System V ABI has the return address undefined where a thread begins; so do glibc's clone()
  // and the kernel's first instruction of a program.
  if (rules.return_address.kind == RegisterRule::Kind::kUnknown) return {.is_outermost = true};
  const auto computed = evaluate(rules.frame_address, callee, {}, memory_);
  if (!computed) {
    return {.problem = fmt::format("the frame of 0x{:x} cannot be told", callee.pc().value())};
  }
  const Address frame_address(computed->value);
  Registers caller(callee.machine());
  for (uint64_t number = 0; number < rules.registers.size(); ++number) {
    caller.set(number,
               value_of(rules.registers[number], callee.get(number), callee, frame_address));
  }
  if (!rules.interrupts) caller.set_sp(frame_address);
  // AArch64 has it in a register (x30) that a leaf function leaves alone.
  constexpr uint64_t kLinkRegister = 30;
  const auto return_address =
      value_of(rules.return_address, callee.get(kLinkRegister), callee, frame_address);
  if (!return_address) {
    return {.problem = fmt::format("the return address of 0x{:x} is not in the core",
                                   callee.pc().value())};
  }
  if (*return_address == 0) return {.is_outermost = true};
  caller.set_pc(Address(*return_address));
  const auto sp = caller.sp();
  const bool ascends = sp && callee.sp() && *sp >= *callee.sp() &&
                       (*sp > *callee.sp() || caller.pc() != callee.pc());
  if (!rules.interrupts && !ascends) {
    return {.problem = fmt::format("the frame of 0x{:x} is damaged: its caller's lies no higher",
                                   callee.pc().value())};
  }
  return {.caller = caller, .caller_was_interrupted = rules.interrupts};
}

}  // namespace corewalk
