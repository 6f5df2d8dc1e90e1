#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "v8/object_view.h"

namespace corewalk::v8 {

/// The contents of a ByteArray or TrustedByteArray; absent if it is neither.
[[nodiscard]] std::optional<std::span<const std::byte>> bytes_of(const ObjectView& array);

}  // namespace corewalk::v8
