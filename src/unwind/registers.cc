#include "unwind/registers.h"

namespace corewalk {
namespace {

// Place in ThreadInfo::registers of DWARF's registers 0 to 15 (System V ABI for AMD64,
// figure 3.36).
constexpr std::array<size_t, 16> kX86Places = {10, 12, 11, 5, 13, 14, 4, 19,
                                               9,  8,  7,  6, 3,  2,  1, 0};

size_t place_of(Machine machine, size_t number) {
  // x0 to x30 and sp have the numbers of the kernel's order.
  return machine == Machine::kX86_64 ? kX86Places[number] : number;
}

}  // namespace

Registers Registers::of(const ThreadInfo& thread, Machine machine) {
  Registers registers(machine);
  const size_t count = machine == Machine::kX86_64 ? kX86Places.size() : kCount;
  for (size_t number = 0; number < count; ++number) {
    const size_t place = place_of(machine, number);
    if (place < thread.registers.size()) registers.set(number, thread.registers[place]);
  }
  registers.set_pc(thread.pc);
  registers.set_sp(thread.sp);
  registers.set_fp(thread.fp);
  return registers;
}

}  // namespace corewalk
