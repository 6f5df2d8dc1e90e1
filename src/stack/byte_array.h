#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "v8/object_view.h"

namespace corewalk {

/// The contents of a ByteArray or TrustedByteArray; absent if it is neither.
[[nodiscard]] std::optional<std::span<const std::byte>> bytes_of(const v8::ObjectView& array);

}  // namespace corewalk
