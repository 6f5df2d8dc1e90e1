#include "inspect/bigint_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace corewalk {
namespace {

constexpr size_t kMaxDecimalDigits = 128;  // of 32 bits each
constexpr uint32_t kDecimalBase = 1'000'000'000;
constexpr int kDecimalBaseDigits = 9;

/// Least significant first, without zeros at the end.
using Digits = std::vector<uint32_t>;

void trim(Digits& digits) {
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

/// Divides in place and returns the remainder.
uint32_t divide(Digits& digits, uint32_t divisor) {
  uint64_t rest = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    rest = rest << 32 | *digit;
    *digit = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  trim(digits);
  return static_cast<uint32_t>(rest);
}

std::string decimal(Digits digits) {
  Digits parts;
  while (!digits.empty()) parts.push_back(divide(digits, kDecimalBase));
  if (parts.empty()) return "0";
  std::string text = fmt::format("{}", parts.back());
  for (auto part = parts.rbegin() + 1; part != parts.rend(); ++part) {
    text += fmt::format("{:0{}}", *part, kDecimalBaseDigits);
  }
  return text;
}

std::string hexadecimal(const Digits& digits) {
  std::string text = fmt::format("0x{:x}", digits.back());
  for (auto digit = digits.rbegin() + 1; digit != digits.rend(); ++digit) {
    text += fmt::format("{:08x}", *digit);
  }
  return text;
}

}  // namespace

std::optional<std::string> bigint_text(const v8::ObjectView& bigint) {
  const auto* field = v8::Layout::field(bigint.type().object_class, "digits");
  const auto sign = bigint.bits("bitfield", "sign");
  const auto length = bigint.bits("bitfield", "length");
  if (field == nullptr || !sign || !length) return {};
  Digits digits;
  for (uint64_t i = 0; i < std::min<uint64_t>(*length, bigint.element_count(*field)); ++i) {
    const auto digit = bigint.number_at(*field, i);
    if (!digit) return {};
    const auto bits = static_cast<uint64_t>(*digit);
    digits.push_back(static_cast<uint32_t>(bits));
    digits.push_back(static_cast<uint32_t>(bits >> 32));
  }
  trim(digits);
  const std::string text =
      digits.size() > kMaxDecimalDigits ? hexadecimal(digits) : decimal(digits);
  return (*sign != 0 ? "-" : "") + text;
}

}  // namespace corewalk
