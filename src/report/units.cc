#include "report/units.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace corewalk {
namespace {

constexpr std::array<std::string_view, 5> kUnits = {"KB", "MB", "GB", "TB", "PB"};

/// Power of 1024 of a unit such as "", "b", "k", "KB", "kib".
std::optional<int> unit_power(std::string_view unit) {
  if (unit.empty() || unit == "b" || unit == "B" || unit == "bytes") return 0;
  const auto first = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
  const std::string_view rest = unit.substr(1);
  if (!rest.empty() && rest != "b" && rest != "B" && rest != "ib" && rest != "iB") return {};
  for (size_t i = 0; i < kUnits.size(); ++i) {
    if (kUnits[i].front() == first) return static_cast<int>(i) + 1;
  }
  return {};
}

}  // namespace

std::string format_address(Address address) { return fmt::format("{:#x}", address.value()); }

std::string format_bytes(uint64_t bytes) {
  if (bytes < 1024) return format_count(bytes, "byte");
  auto value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string format_count(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::optional<uint64_t> parse_size(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || value < 0) return {};
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const std::optional<int> power = unit_power(unit);
  if (!power) return {};
  const double bytes = value * std::pow(1024.0, *power);
  if (!(bytes < 0x1p63)) return {};
  return static_cast<uint64_t>(bytes);
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return {};
  return value;
}

}  // namespace corewalk
