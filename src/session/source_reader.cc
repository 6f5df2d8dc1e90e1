#include "session/source_reader.h"

#include <algorithm>

#include "v8/function_view.h"

namespace corewalk {
namespace {

/// More than a listing is for; and what one line may have of characters.
constexpr uint32_t kMaxLines = 100'000;
constexpr uint32_t kMaxLineUnits = 1 << 16;

/// A line without its end, which may be of several forms.
std::string line_text(v8::SourceLocator& sources, Address script, uint32_t begin, uint32_t end) {
  std::string text = sources.text(script, begin, std::min(end, begin + kMaxLineUnits)).value_or("");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

std::optional<SourceListing> read_source(const ValueReader& values, const SourceQuery& query) {
  const auto object = v8::ObjectView::at(values.heap(), query.function);
  const auto function =
      object ? v8::FunctionView::of(*object) : Result<v8::FunctionView>(object.fault());
  if (!function) return {};
  const auto script = function->script();
  const auto extent = function->extent();
  if (!script || !extent) return {};
  v8::SourceLocator& sources = values.sources();
  const auto first = sources.line_of(*script, extent->begin);
  const auto last = sources.line_of(*script, extent->end);
  if (!first || !last) return {};
  // Lines of the script, and those of its file as people count them.
  const uint32_t shift = sources.locate(*script, extent->begin).line - *first;
  SourceListing listing{.function = function->name(), .file = sources.file_of(*script)};
  listing.begin_line = *first + shift;
  listing.end_line = *last + shift;
  listing.first_line = query.first_line.value_or(listing.begin_line);
  if (listing.first_line <= shift) return listing;
  const uint32_t up_to_end =
      listing.end_line < listing.first_line ? 0 : listing.end_line - listing.first_line + 1;
  const uint32_t count = std::min(query.count.value_or(up_to_end), kMaxLines);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t line = listing.first_line - shift + i;
    const auto begin = sources.line_start(*script, line);
    if (!begin) break;
    const uint32_t end = sources.line_start(*script, line + 1).value_or(*begin + kMaxLineUnits);
    listing.lines.push_back(line_text(sources, *script, *begin, end));
  }
  return listing;
}

}  // namespace corewalk
