#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "memory/address_space.h"
#include "memory/process_info.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// Why Node.js or V8 ended the process of their own accord.
enum class EndReason : uint8_t {
  kHeapLimit,          ///< the JavaScript heap reached its limit
  kOutOfMemory,        ///< V8 could not allocate something else
  kUncaughtException,  ///< nobody caught an exception, and --abort-on-uncaught-exception is given
  kFailedCheck,        ///< an assertion of Node.js or V8 did not hold
  kFatalError,         ///< another error that V8 does not survive
  kAbortCalled,        ///< process.abort()
};

/// "out_of_memory".
[[nodiscard]] std::string_view to_string(EndReason reason);
/// For humans.
[[nodiscard]] std::string_view describe(EndReason reason);

/// The reason, by the functions on the stack of the thread that died. Nothing if none of those we
/// know is there, or the binary has no symbols.
[[nodiscard]] std::optional<EndReason> find_end_reason(const ThreadInfo& thread,
                                                       const AddressSpace& memory,
                                                       const SymbolSource& symbols);

}  // namespace corewalk
