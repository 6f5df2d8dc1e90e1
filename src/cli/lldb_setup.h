#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace corewalk {

/// The plugin that belongs to the program at `executable`, in the build tree as well as installed;
/// nothing if it was not built.
[[nodiscard]] std::optional<std::filesystem::path> find_plugin(
    const std::filesystem::path& executable);

/// The text of ~/.lldbinit with the line that loads `plugin`; what was there of an earlier run is
/// replaced.
[[nodiscard]] std::string with_plugin_line(std::string_view text,
                                           const std::filesystem::path& plugin);

/// The text of ~/.lldbinit without what with_plugin_line() added.
[[nodiscard]] std::string without_plugin_line(std::string_view text);

}  // namespace corewalk
