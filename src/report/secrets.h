#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace corewalk {

/// What stands in place of a secret.
inline constexpr std::string_view kMask = "***";

/// The value of an environment variable without what looks like a secret: all of it if the name
/// says so (KEY, TOKEN, SECRET, PASS, AUTH, CREDENTIAL, COOKIE, DSN, anywhere in it, in any case),
/// the passwords of URLs in it otherwise. Absent if there is nothing to hide.
[[nodiscard]] std::optional<std::string> masked(std::string_view name, std::string_view value);

}  // namespace corewalk
