#include "report/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

struct CellFormatter {
  size_t max_cells;

  std::string operator()(std::monostate /*none*/) const { return "-"; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(uint64_t value) const { return std::to_string(value); }
  std::string operator()(Address address) const { return format_address(address); }
  std::string operator()(const std::string& text) const {
    // Cut first: no need to escape a megabyte that is not shown. Escapes only make it longer.
    return shorten(escape_for_terminal(std::string_view(text).substr(0, 4 * max_cells)), max_cells);
  }
  std::string operator()(const std::vector<std::string>& list) const {
    std::string joined;
    for (const std::string& item : list) {
      if (joined.size() > 4 * max_cells) break;
      joined += (joined.empty() ? "" : ", ") + item;
    }
    return (*this)(joined);
  }
};

bool is_left_aligned(const Column& column) { return column.kind == ColumnKind::kText; }
bool is_in_text(const Column& column) { return column.audience != Audience::kJsonOnly; }

std::string pad(const std::string& text, size_t width, bool left) {
  const size_t cells = display_width(text);
  const std::string blanks(width > cells ? width - cells : 0, ' ');
  return left ? text + blanks : blanks + text;
}

/// Lays out lines of formatted cells. First measure() all of them, then add them.
class TextWriter {
 public:
  TextWriter(std::span<const Column> columns, const TextStyle& style)
      : columns_(columns), style_(style) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      widths_.push_back(std::max(columns_[i].min_width, display_width(columns_[i].title)));
      if (is_in_text(columns_[i])) last_ = i;
    }
  }

  void measure(const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
  }

  void add_titles() {
    std::vector<std::string> titles;
    std::vector<std::string> dashes;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool left = style_.left_titles || is_left_aligned(columns_[i]);
      titles.push_back(pad(columns_[i].title, widths_[i], left));
      dashes.emplace_back(i == last_ ? display_width(columns_[i].title) : widths_[i], '-');
    }
    if (style_.color) text_ += kBold;
    add_line(titles);
    if (style_.color) text_ += kPlain;
    add_line(dashes);
  }

  void add_line(const std::vector<std::string>& cells) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!is_in_text(columns_[i])) continue;
      text_ += ' ';
      text_ += pad(cells[i], widths_[i], is_left_aligned(columns_[i]));
    }
    text_.erase(text_.find_last_not_of(' ') + 1);
    text_ += '\n';
  }

  void add_totals(const std::vector<std::string>& cells) {
    std::vector<std::string> dashes;
    for (size_t i = 0; i < columns_.size(); ++i) {
      dashes.emplace_back(cells[i].empty() ? 0 : widths_[i], '-');
    }
    add_line(dashes);
    add_line(cells);
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::span<const Column> columns_;
  TextStyle style_;
  std::vector<size_t> widths_;
  size_t last_ = 0;  // of the columns shown
  std::string text_;
};

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::set_totals(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  totals_ = std::move(cells);
}

void Table::sort(std::span<const SortKey> keys) {
  std::stable_sort(rows_.begin(), rows_.end(), [&](const auto& a, const auto& b) {
    for (const SortKey& key : keys) {
      const Cell& left = a[key.column];
      const Cell& right = b[key.column];
      if (left == right) continue;
      return key.descending ? right < left : left < right;
    }
    return false;
  });
}

void Table::reverse() { std::reverse(rows_.begin(), rows_.end()); }

size_t Table::keep_first(size_t count) {
  const size_t dropped = rows_.size() > count ? rows_.size() - count : 0;
  rows_.resize(rows_.size() - dropped);
  return dropped;
}

size_t Table::keep_last(size_t count) {
  const size_t dropped = rows_.size() > count ? rows_.size() - count : 0;
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(dropped));
  return dropped;
}

std::vector<std::string> Table::format_row(std::span<const Cell> cells) const {
  std::vector<std::string> texts;
  texts.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const CellFormatter formatter{columns_[i].max_cells};
    texts.push_back(is_in_text(columns_[i]) ? std::visit(formatter, cells[i]) : "");
  }
  return texts;
}

std::string Table::to_text(const TextStyle& style) const {
  std::vector<std::vector<std::string>> lines;
  lines.reserve(rows_.size());
  for (const std::vector<Cell>& row : rows_) lines.push_back(format_row(row));
  std::vector<std::string> totals;
  if (!totals_.empty()) {
    totals = format_row(totals_);
    for (size_t i = 0; i < totals.size(); ++i) {
      if (std::holds_alternative<std::monostate>(totals_[i])) totals[i].clear();
    }
  }

  TextWriter writer(columns_, style);
  for (const auto& line : lines) writer.measure(line);
  writer.measure(totals);
  writer.add_titles();
  for (const auto& line : lines) writer.add_line(line);
  if (!totals.empty()) writer.add_totals(totals);
  return std::move(writer).text();
}

}  // namespace corewalk
