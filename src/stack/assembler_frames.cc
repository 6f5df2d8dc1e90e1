#include "stack/assembler_frames.h"

#include <utility>

namespace corewalk {
namespace {

constexpr uint64_t kWord = sizeof(uint64_t);

/// Sets what lies at a frame pointer: that of the caller and the return address.
bool set_caller(const AddressSpace& memory, Address fp, Registers& caller) {
  const auto frame = memory.read<uint64_t>(fp, "frame pointer");
  const auto pc = memory.read<uint64_t>(fp + kWord, "return address");
  if (!frame || !pc) return false;
  caller.set_fp(Address(*frame));
  caller.set_pc(Address(*pc));
  caller.set_sp(fp + 2 * kWord);
  return true;
}

std::optional<Registers> caller_by_frame_pointer(const AddressSpace& memory,
                                                 const Registers& callee) {
  const auto fp = callee.fp();
  if (callee.machine() != Machine::kX86_64 || !fp || !callee.sp() || *fp < *callee.sp()) return {};
  Registers caller = callee;
  return set_caller(memory, *fp, caller) ? std::optional(caller) : std::nullopt;
}

}  // namespace

std::optional<Registers> caller_of_entry(const AddressSpace& memory, Machine machine, Address fp) {
  if (machine != Machine::kX86_64) return {};
  // DWARF's number, distance below fp. Between them and fp lie the frame's type and its context.
  constexpr std::pair<uint64_t, uint64_t> kSaved[] = {
      {12, 3 * kWord}, {13, 4 * kWord}, {14, 5 * kWord}, {15, 6 * kWord}, {3, 7 * kWord}};
  Registers caller(machine);
  for (const auto& [number, distance] : kSaved) {
    const auto value = memory.read<uint64_t>(fp - distance, "register saved by JSEntry");
    if (value) caller.set(number, *value);
  }
  return set_caller(memory, fp, caller) ? std::optional(caller) : std::nullopt;
}

std::optional<Registers> caller_of_assembler(const AddressSpace& memory, std::string_view function,
                                             const Registers& callee) {
  // heap/base/asm/x64/push_registers_asm.cc, V8 9.0 to 14.6: saves all registers for a garbage
  // collector to see, and changes none but the frame pointer.
  if (function != "PushAllRegistersAndIterateStack") return {};
  return caller_by_frame_pointer(memory, callee);
}

std::optional<Registers> caller_of_regexp(const AddressSpace& memory, const Registers& callee) {
  auto caller = caller_by_frame_pointer(memory, callee);
  if (!caller) return {};
  // regexp/x64/regexp-macro-assembler-x64.cc: rbx in V8 7.8 to 14.6, r12 too in newer ones.
  constexpr uint64_t kRbx = 3;
  constexpr uint64_t kR12 = 12;
  caller->set(kRbx, std::nullopt);
  caller->set(kR12, std::nullopt);
  return caller;
}

bool begins_thread(std::string_view function) {
  return function == "clone" || function == "__clone" || function == "clone3" ||
         function == "__clone3";
}

}  // namespace corewalk
