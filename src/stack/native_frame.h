#pragma once

#include <string>
#include <string_view>

#include "memory/code_modules.h"
#include "stack/frame.h"

namespace corewalk {

/// The call of compiled code that stands at `pc`; `is_return_address` if it made another.
[[nodiscard]] StackFrame native_frame(const CodeModules& modules, Address pc, Address sp,
                                      bool is_return_address);

/// A C++ name as people write it; others as they are. A long list of parameters becomes "(...)".
[[nodiscard]] std::string readable_name(std::string_view symbol);

}  // namespace corewalk
