#include "commands/address_list.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "base/failure.h"
#include "report/escape.h"

namespace corewalk {

std::vector<std::string> read_address_list(const std::string& argument) {
  const std::string file = argument.substr(1);
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) {
      throw Failure(ExitCode::kUsage, fmt::format("cannot read the addresses in '{}': {}",
                                                  escape_for_terminal(file), std::strerror(errno)));
    }
  }
  std::istream& input = file == "-" ? std::cin : opened;
  std::vector<std::string> addresses;
  for (std::string line; std::getline(input, line);) {
    if (!line.empty()) addresses.push_back(line);
  }
  return addresses;
}

}  // namespace corewalk
