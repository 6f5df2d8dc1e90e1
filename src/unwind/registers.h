#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "memory/process_info.h"

namespace corewalk {

/// What is known of the registers of a thread in one of its calls, by DWARF's numbers: x86-64 rax
/// rdx rcx rbx rsi rdi rbp rsp r8..r15 and the return address; AArch64 x0..x30 sp. Absent: a callee
/// may have changed it and nobody kept it.
class Registers {
 public:
  static constexpr size_t kCount = 32;

  explicit Registers(Machine machine) : machine_(machine) {}
  /// Those of a thread when it stopped; at least pc, sp and fp.
  static Registers of(const ThreadInfo& thread, Machine machine);

  [[nodiscard]] Machine machine() const { return machine_; }
  [[nodiscard]] std::optional<uint64_t> get(uint64_t number) const {
    return number < kCount ? values_[number] : std::nullopt;
  }
  void set(uint64_t number, std::optional<uint64_t> value) {
    if (number < kCount) values_[number] = value;
  }

  /// Where the call goes on, or for the innermost one stands.
  [[nodiscard]] Address pc() const { return pc_; }
  void set_pc(Address pc) { pc_ = pc; }
  [[nodiscard]] std::optional<Address> sp() const { return address_in(sp_number()); }
  [[nodiscard]] std::optional<Address> fp() const { return address_in(fp_number()); }
  void set_sp(Address sp) { set(sp_number(), sp.value()); }
  void set_fp(Address fp) { set(fp_number(), fp.value()); }

 private:
  [[nodiscard]] size_t sp_number() const { return machine_ == Machine::kX86_64 ? 7 : 31; }
  [[nodiscard]] size_t fp_number() const { return machine_ == Machine::kX86_64 ? 6 : 29; }
  [[nodiscard]] std::optional<Address> address_in(size_t number) const {
    const auto value = get(number);
    return value ? std::optional(Address(*value)) : std::nullopt;
  }

  Machine machine_;
  std::array<std::optional<uint64_t>, kCount> values_;
  Address pc_;
};

}  // namespace corewalk
