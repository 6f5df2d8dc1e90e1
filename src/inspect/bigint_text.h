#pragma once

#include <optional>
#include <string>

#include "v8/object_view.h"

namespace corewalk {

/// A BigInt in decimal; in hexadecimal above 4096 bits, where decimal would take long and tell
/// nothing. Absent if the object is damaged.
[[nodiscard]] std::optional<std::string> bigint_text(const v8::ObjectView& bigint);

}  // namespace corewalk
