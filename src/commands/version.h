#pragma once

#include <string_view>

namespace corewalk {

/// "0.1.0".
[[nodiscard]] std::string_view version_number();

}  // namespace corewalk
