#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/address.h"
#include "base/result.h"
#include "memory/address_space.h"
#include "unwind/registers.h"

namespace corewalk {

/// One operation of a DWARF expression (DWARF 5, section 2.5).
struct Operation {
  uint8_t code = 0;  ///< DW_OP_*
  uint64_t operand = 0;
  uint64_t operand2 = 0;
  uint64_t offset = 0;  ///< in the expression, in bytes: what branches name
};

/// What an expression of unwind tables says.
struct ExpressionResult {
  uint64_t value = 0;
  bool is_value = false;  ///< the value itself; else the address where it is kept
};

/// Evaluates `operations` with the registers of a call, and its canonical frame address if that is
/// known. Faults if they need a register or memory that is not there, make no sense, or go on for
/// too long.
[[nodiscard]] Result<ExpressionResult> evaluate(std::span<const Operation> operations,
                                                const Registers& registers,
                                                std::optional<Address> frame_address,
                                                const AddressSpace& memory);

}  // namespace corewalk
