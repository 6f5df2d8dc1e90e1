#include "v8/source_locator.h"

#include <fmt/format.h>

#include <algorithm>

#include "v8/object_view.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxFileUnits = 4096;
constexpr uint64_t kMaxSourceUnits = uint64_t{1} << 29;  // the longest string there is

}  // namespace

std::string SourceLocation::text() const {
  if (line == 0) return file;
  return fmt::format("{}:{}:{}", file, line, column);
}

std::string SourceLocator::file_of(Address script) const {
  const auto view = ObjectView::load(heap_, script);
  if (!view || view->tag() != TypeTag::kScript) return {};
  for (const char* field : {"name", "source_url"}) {  // code from eval may have but a sourceURL
    const auto name = view->tagged(field);
    auto text = name ? strings_.read_word(*name, kMaxFileUnits) : std::nullopt;
    if (text && !text->empty()) return *text;
  }
  return {};
}

SourceLocation SourceLocator::locate(Address script, uint32_t offset) {
  SourceLocation location{.file = file_of(script)};
  const auto view = ObjectView::load(heap_, script);
  if (!view || view->tag() != TypeTag::kScript) return location;
  const std::vector<uint32_t>& ends = line_ends(script);
  if (ends.empty()) return location;
  const auto end = std::lower_bound(ends.begin(), ends.end(), offset);
  const uint32_t start = end == ends.begin() ? 0 : *std::prev(end) + 1;
  location.line = static_cast<uint32_t>(end - ends.begin()) + 1;
  location.column = offset - std::min(offset, start) + 1;
  // Where the script lies in its file: a wrapped function, a script of an HTML page.
  const int64_t column_offset = view->number("column_offset").value_or(0);
  if (location.line == 1)
    location.column += static_cast<uint32_t>(std::max<int64_t>(column_offset, 0));
  location.line +=
      static_cast<uint32_t>(std::max<int64_t>(view->number("line_offset").value_or(0), 0));
  return location;
}

std::optional<std::string> SourceLocator::text(Address script, uint32_t begin, uint32_t end) const {
  const auto view = ObjectView::load(heap_, script);
  const auto source = view ? view->tagged("source") : Result<TaggedWord>(view.fault());
  if (!source || is_smi(*source) || end < begin) return {};
  auto text = strings_.read(untag(*source), begin, end - begin);
  if (!text) return {};
  return std::move(text).value().utf8;
}

std::optional<uint32_t> SourceLocator::line_of(Address script, uint32_t offset) {
  const std::vector<uint32_t>& ends = line_ends(script);
  if (ends.empty()) return {};
  const auto end = std::lower_bound(ends.begin(), ends.end(), offset);
  return static_cast<uint32_t>(end - ends.begin()) + 1;
}

std::optional<uint32_t> SourceLocator::line_start(Address script, uint32_t line) {
  const std::vector<uint32_t>& ends = line_ends(script);
  if (line == 0 || line > ends.size()) return {};
  return line == 1 ? 0 : ends[line - 2] + 1;
}

const std::vector<uint32_t>& SourceLocator::line_ends(Address script) {
  const auto [entry, is_new] = line_ends_.try_emplace(script);
  if (is_new) {
    entry->second = stored_line_ends(script);
    if (entry->second.empty()) entry->second = counted_line_ends(script);
  }
  return entry->second;
}

// Script::line_ends is filled once somebody asked V8 for a line, such as a stack trace.
std::vector<uint32_t> SourceLocator::stored_line_ends(Address script) const {
  std::vector<uint32_t> ends;
  const auto view = ObjectView::load(heap_, script);
  if (!view) return ends;
  const auto array = view->object("line_ends");
  if (!array || array->tag() != TypeTag::kFixedArray) return ends;
  const uint64_t first = heap_.layout().container.array_elements.offset();
  for (uint64_t at = first; at + kWordBytes <= array->size_bytes(); at += kWordBytes) {
    const TaggedWord word = *array->word(at);
    const bool ascends = is_smi(word) && smi_value(word) >= 0 &&
                         (ends.empty() || static_cast<uint32_t>(smi_value(word)) > ends.back());
    if (!ascends) return {};
    ends.push_back(static_cast<uint32_t>(smi_value(word)));
  }
  return ends;
}

std::vector<uint32_t> SourceLocator::counted_line_ends(Address script) const {
  std::vector<uint32_t> ends;
  const auto view = ObjectView::load(heap_, script);
  const auto source = view ? view->tagged("source") : Result<TaggedWord>(view.fault());
  if (!source || is_smi(*source)) return ends;
  const auto whole = strings_.read(untag(*source), kMaxSourceUnits);
  if (!whole) return ends;
  const std::string& text = whole->utf8;
  uint32_t unit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool continues = (byte & 0xC0) == 0x80;
    if (continues) continue;
    const bool is_separator =
        byte == 0xE2 && (text.compare(i, 3, "\u2028") == 0 || text.compare(i, 3, "\u2029") == 0);
    const bool is_lone_return = byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (byte == '\n' || is_separator || is_lone_return) ends.push_back(unit);
    unit += byte >= 0xF0 ? 2 : 1;  // beyond the basic plane: a surrogate pair
  }
  ends.push_back(unit);
  return ends;
}

}  // namespace corewalk::v8
