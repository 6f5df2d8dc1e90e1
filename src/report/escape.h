#pragma once

#include <string>
#include <string_view>

namespace corewalk {

/// Text of the target as it may safely go to a terminal: printable UTF-8 stays; control characters
/// (so no ANSI escape survives) and bytes that are not UTF-8 become \xNN; invisible characters that
/// reorder or break lines (bidirectional controls, U+2028, C1 controls) become \uNNNN.
[[nodiscard]] std::string escape_for_terminal(std::string_view text);

/// Number of character cells `text` takes, counting every code point of valid UTF-8 as one.
[[nodiscard]] size_t display_width(std::string_view text);

/// At most `max_cells` code points of `text`, ending in "..." if something was cut off.
[[nodiscard]] std::string shorten(std::string_view text, size_t max_cells);

}  // namespace corewalk
