#include "analysis/string_matcher.h"

#include <algorithm>

namespace corewalk {
namespace {

/// std::regex recurses once per character: what it sees at a time is bounded, and two such windows
/// overlap by half, so that matches of up to that many bytes are found anywhere.
constexpr size_t kWindowBytes = 512;

/// Bytes of a UTF-8 sequence, by its first one.
size_t sequence_bytes(unsigned char first) {
  if (first < 0xC0) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

/// Code points of UTF-8 as UTF-16; a byte that begins none stands for itself.
std::u16string to_utf16(std::string_view utf8) {
  std::u16string units;
  for (size_t i = 0; i < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    const size_t size = sequence_bytes(first);
    uint32_t code = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (size_t k = 1; k < size && i + k < utf8.size(); ++k) {
      code = code << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    }
    if (code >= 0x10000) {
      units += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
      units += static_cast<char16_t>(code);
    }
    i += size;
  }
  return units;
}

uint64_t count_units(std::string_view utf8) {
  uint64_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

/// As UTF-8; halves of surrogate pairs become three bytes each, which nothing matches by chance.
std::string to_utf8(const v8::FlatString& string) {
  std::string utf8;
  utf8.reserve(string.length);
  for (uint64_t i = 0; i < string.length; ++i) {
    const uint16_t unit = string.unit(i);
    if (unit < 0x80) {
      utf8 += static_cast<char>(unit);
    } else if (unit < 0x800) {
      utf8 += static_cast<char>(0xC0 | unit >> 6);
      utf8 += static_cast<char>(0x80 | (unit & 0x3F));
    } else {
      utf8 += static_cast<char>(0xE0 | unit >> 12);
      utf8 += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
      utf8 += static_cast<char>(0x80 | (unit & 0x3F));
    }
  }
  return utf8;
}

}  // namespace

StringMatcher::StringMatcher(std::string_view pattern, bool is_regex)
    : utf8_(pattern), units_(to_utf16(pattern)) {
  if (is_regex) regex_.emplace(utf8_, std::regex::ECMAScript | std::regex::optimize);
  const bool narrow =
      std::all_of(units_.begin(), units_.end(), [](char16_t unit) { return unit <= 0xFF; });
  if (!narrow) return;
  latin1_.emplace();
  for (const char16_t unit : units_) *latin1_ += static_cast<char>(unit);
}

std::optional<StringMatch> StringMatcher::find(const v8::FlatString& string) const {
  if (regex_) return match_regex(to_utf8(string));
  const std::string_view bytes(reinterpret_cast<const char*>(string.chars), string.size_bytes());
  if (string.one_byte) {
    const size_t at = latin1_ ? bytes.find(*latin1_) : std::string_view::npos;
    if (at == std::string_view::npos) return {};
    return StringMatch{at, latin1_->size()};
  }
  const std::string_view wanted(reinterpret_cast<const char*>(units_.data()), units_.size() * 2);
  size_t at = bytes.find(wanted);
  while (at != std::string_view::npos && at % 2 != 0) at = bytes.find(wanted, at + 1);
  if (at == std::string_view::npos) return {};
  return StringMatch{at / 2, units_.size()};
}

std::optional<StringMatch> StringMatcher::find(std::string_view utf8) const {
  if (regex_) return match_regex(utf8);
  const size_t at = utf8.find(utf8_);
  if (at == std::string_view::npos) return {};
  return StringMatch{count_units(utf8.substr(0, at)), units_.size()};
}

std::optional<StringMatch> StringMatcher::match_regex(std::string_view utf8) const {
  for (size_t begin = 0;; begin += kWindowBytes / 2) {
    const std::string_view window = utf8.substr(begin, kWindowBytes);
    auto flags = std::regex_constants::match_default;
    if (begin != 0) flags |= std::regex_constants::match_prev_avail;
    if (begin + window.size() < utf8.size()) flags |= std::regex_constants::match_not_eol;
    std::match_results<std::string_view::const_iterator> found;
    if (std::regex_search(window.begin(), window.end(), found, *regex_, flags)) {
      const auto at = static_cast<size_t>(found.position());
      return StringMatch{count_units(utf8.substr(0, begin + at)),
                         count_units(window.substr(at, static_cast<size_t>(found.length())))};
    }
    if (begin + window.size() >= utf8.size()) return {};
  }
}

}  // namespace corewalk
