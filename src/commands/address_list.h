#pragma once

#include <string>
#include <vector>

namespace corewalk {

/// True for "@FILE": an argument that names a file of addresses, not an address.
[[nodiscard]] inline bool names_address_list(const std::string& argument) {
  return argument.starts_with('@');
}

/// The lines of the file that "@FILE" names, but for empty ones; "@-" reads standard input. Throws
/// Failure(kUsage) if it cannot be read.
[[nodiscard]] std::vector<std::string> read_address_list(const std::string& argument);

}  // namespace corewalk
