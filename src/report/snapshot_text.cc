#include "report/snapshot_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace corewalk {
namespace {

/// One character, and the bytes it takes.
struct CodePoint {
  uint32_t value;
  size_t bytes;
};

/// The character that `text` begins with; absent if it does not begin with well-formed UTF-8 (as in
/// Unicode, table 3-7: nothing overlong, no surrogates).
std::optional<CodePoint> decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  size_t bytes = 0;
  uint32_t least = 0;
  if (lead >= 0xC2 && lead < 0xE0) {
    bytes = 2;
    least = 0x80;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    bytes = 3;
    least = 0x800;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    bytes = 4;
    least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < bytes) return {};
  uint32_t value = lead & (0x7FU >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least || value > 0x10FFFF || surrogate) return {};
  return CodePoint{value, bytes};
}

/// Whether a byte stands for itself, by its value.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain = {};
  for (size_t i = 0x20; i < 0x80; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}();

/// What stands behind the backslash of a control character that has a letter; else 0.
char letter_of(char byte) {
  switch (byte) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '"':
    case '\\':
      return byte;
    default:
      return 0;
  }
}

}  // namespace

void SnapshotText::flush() {
  const auto size = static_cast<size_t>(at_ - block_.get());
  if (size == 0) return;
  sink_.write({block_.get(), size});
  flushed_bytes_ += size;
  at_ = block_.get();
}

void SnapshotText::append(std::string_view text) {
  while (!text.empty()) {
    if (at_ == end()) flush();
    const size_t size = std::min(text.size(), static_cast<size_t>(end() - at_));
    std::memcpy(at_, text.data(), size);
    at_ += size;
    text.remove_prefix(size);
  }
}

void SnapshotText::escape(uint32_t code_unit) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  put('\\');
  put('u');
  for (unsigned shift = 16; shift != 0; shift -= 4) put(kHex[(code_unit >> (shift - 4)) & 0xFU]);
}

/// What `rest` begins with and is not plain. Returns how many bytes that were.
size_t SnapshotText::append_special(std::string_view rest) {
  reserve(16);
  const char first = rest[0];
  if (const char letter = letter_of(first); letter != 0) {
    put('\\');
    put(letter);
    return 1;
  }
  if (static_cast<unsigned char>(first) < 0x20) {
    escape(static_cast<unsigned char>(first));
    return 1;
  }
  const std::optional<CodePoint> character = decode(rest);
  if (!character) {
    put('?');
    return 1;
  }
  if (character->value >= 0x10000) {
    escape(0xD800U + ((character->value - 0x10000) >> 10));
    escape(0xDC00U + (character->value & 0x3FFU));
  } else {
    escape(character->value);
  }
  return character->bytes;
}

void SnapshotText::append_string(std::string_view utf8) {
  append("\"");
  for (size_t begin = 0; begin < utf8.size();) {
    size_t end = begin;
    while (end < utf8.size() && kPlain[static_cast<unsigned char>(utf8[end])]) ++end;
    append(utf8.substr(begin, end - begin));
    begin = end;
    if (begin < utf8.size()) begin += append_special(utf8.substr(begin));
  }
  append("\"");
}

}  // namespace corewalk
