#pragma once

#include <optional>
#include <string_view>

#include "memory/address_space.h"
#include "unwind/registers.h"

namespace corewalk {

/// The registers of the C++ function that called JavaScript through the entry frame at `fp`: what
/// JSEntry pushed to restore it at the end (Generate_JSEntryVariant, builtins-x64.cc, V8 7.8 to
/// 14.6). Absent if it is not in the core, and on AArch64.
[[nodiscard]] std::optional<Registers> caller_of_entry(const AddressSpace& memory, Machine machine,
                                                       Address fp);

/// The same of a function that V8 has in assembler, without unwind tables, by its frame pointer.
/// Absent if `function` is none of those.
[[nodiscard]] std::optional<Registers> caller_of_assembler(const AddressSpace& memory,
                                                           std::string_view function,
                                                           const Registers& callee);

/// The same of the code that V8 makes of a regular expression: called by C++ or by a builtin, it
/// has a frame pointer and saves what it uses of the registers that are its caller's, in an order
/// of each version's own: those are not known afterwards.
[[nodiscard]] std::optional<Registers> caller_of_regexp(const AddressSpace& memory,
                                                        const Registers& callee);

/// True of the function of the C library in which threads begin: one that was just made stands in
/// it behind the system call, where the tables know of no caller, as there is none.
[[nodiscard]] bool begins_thread(std::string_view function);

}  // namespace corewalk
