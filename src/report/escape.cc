#include "report/escape.h"

#include <fmt/format.h>

#include <cstdint>

namespace corewalk {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t size_bytes = 0;  // 0: the bytes are not UTF-8
};

/// Payload bits and smallest legal value of a UTF-8 sequence, by its length.
struct SequenceForm {
  uint8_t mask;
  uint8_t lead;
  uint8_t payload;
  uint32_t minimum;
};
constexpr SequenceForm kForms[] = {
    {0x80, 0x00, 0x7F, 0x0},
    {0xE0, 0xC0, 0x1F, 0x80},
    {0xF0, 0xE0, 0x0F, 0x800},
    {0xF8, 0xF0, 0x07, 0x10000},
};

CodePoint decode(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text.front());
  size_t size = 0;
  for (const SequenceForm& form : kForms) {
    ++size;
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() < size) return {};
    uint32_t value = lead & form.payload;
    for (size_t i = 1; i < size; ++i) {
      const auto next = static_cast<uint8_t>(text[i]);
      if ((next & 0xC0U) != 0x80) return {};
      value = (value << 6U) | (next & 0x3FU);
    }
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form.minimum || value > 0x10FFFF || is_surrogate) return {};
    return {value, size};
  }
  return {};
}

bool is_control(uint32_t c) { return c < 0x20 || c == 0x7F; }

/// Characters without a shape of their own that change how their neighbours are shown.
bool is_invisible(uint32_t c) {
  return (c >= 0x80 && c <= 0x9F) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = decode(text);
    if (c.size_bytes == 0 || is_control(c.value)) {
      safe += fmt::format("\\x{:02X}", static_cast<uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (is_invisible(c.value)) {
      safe += fmt::format("\\u{:04X}", c.value);
    } else {
      safe += text.substr(0, c.size_bytes);
    }
    text.remove_prefix(c.size_bytes);
  }
  return safe;
}

size_t display_width(std::string_view text) {
  size_t cells = 0;
  for (const char c : text) {
    if ((static_cast<uint8_t>(c) & 0xC0U) != 0x80) ++cells;
  }
  return cells;
}

std::string shorten(std::string_view text, size_t max_cells) {
  constexpr std::string_view kEllipsis = "...";
  if (text.size() <= max_cells || display_width(text) <= max_cells) return std::string(text);
  const size_t keep = max_cells < kEllipsis.size() ? 0 : max_cells - kEllipsis.size();
  size_t cells = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    const bool starts_code_point = (static_cast<uint8_t>(text[end]) & 0xC0U) != 0x80;
    if (starts_code_point && cells++ == keep) break;
  }
  return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

}  // namespace corewalk
