#include "report/secrets.h"

#include <algorithm>
#include <array>

namespace corewalk {
namespace {

constexpr std::array<std::string_view, 8> kWords = {"KEY",  "TOKEN",      "SECRET", "PASS",
                                                    "AUTH", "CREDENTIAL", "COOKIE", "DSN"};

bool is_secret_name(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

}  // namespace

std::optional<std::string> masked(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  if (is_secret_name(name)) return std::string(kMask);
  // "postgres://user:password@host/db": a password may hold anything but a slash and a blank.
  constexpr std::string_view kScheme = "://";
  std::string text;
  size_t copied = 0;
  for (size_t at = value.find(kScheme); at != std::string_view::npos;) {
    const size_t begin = at + kScheme.size();
    const size_t end = std::min(value.find_first_of("/ \t\n", begin), value.size());
    const std::string_view authority = value.substr(begin, end - begin);
    const size_t host = authority.rfind('@');
    const size_t password = authority.find(':');
    if (host != std::string_view::npos && password < host) {
      text += value.substr(copied, begin + password + 1 - copied);
      text += kMask;
      copied = begin + host;
    }
    at = value.find(kScheme, end);
  }
  if (copied == 0) return {};
  return text + std::string(value.substr(copied));
}

}  // namespace corewalk
