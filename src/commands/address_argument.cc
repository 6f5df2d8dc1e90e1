#include "commands/address_argument.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/failure.h"
#include "report/escape.h"

namespace corewalk {
namespace {

std::optional<uint64_t> parse_term(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hex ? text.substr(2) : text;
  uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
  return error == std::errc() && stop == end && !digits.empty() ? std::optional(value)
                                                                : std::nullopt;
}

}  // namespace

uint64_t evaluate_address(const std::string& expression) {
  std::string_view rest = expression;
  uint64_t sum = 0;
  bool minus = false;
  while (true) {
    const size_t end = std::min(rest.find_first_of("+-"), rest.size());
    const auto term = parse_term(rest.substr(0, end));
    if (!term) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("'{}' is not an address: write a number such as 0x2f1b3c04a9a1, as "
                                "the other commands print it",
                                escape_for_terminal(expression)));
    }
    sum = minus ? sum - *term : sum + *term;
    if (end == rest.size()) return sum;
    minus = rest[end] == '-';
    rest.remove_prefix(end + 1);
  }
}

}  // namespace corewalk
