#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// What a column holds; decides its alignment, its order and its form in JSON.
enum class ColumnKind : uint8_t { kText, kCount, kBytes, kAddress };

/// Where a column is shown.
enum class Audience : uint8_t { kAll, kTextOnly, kJsonOnly };

struct Column {
  std::string title;
  std::string key;  ///< name in JSON
  ColumnKind kind = ColumnKind::kText;
  size_t min_width = 0;  ///< in character cells
  Audience audience = Audience::kAll;
  /// Longer texts are cut: a hostile name must not fill the terminal. JSON has them whole.
  size_t max_cells = 240;
};

/// A value, or std::monostate where there is none (shown as "-", null in JSON). Strings are as they
/// come from the target; the writers escape them.
using Cell =
    std::variant<std::monostate, bool, uint64_t, Address, std::string, std::vector<std::string>>;

struct SortKey {
  size_t column = 0;
  bool descending = false;
};

struct TextStyle {
  bool color = false;
  /// Column titles start where the column starts, whatever the alignment of the values (llnode's
  /// short tables).
  bool left_titles = false;
};

/// Typed rows and columns, written as text or JSON. The shape of the text is llnode's: one blank
/// before each column, dashes under the titles, dashes and a last line for totals.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// One cell per column.
  void add_row(std::vector<Cell> cells);
  void set_totals(std::vector<Cell> cells);

  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] std::span<const std::vector<Cell>> rows() const { return rows_; }
  [[nodiscard]] size_t row_count() const { return rows_.size(); }

  /// Stable, so equal rows stay in the order they were added.
  void sort(std::span<const SortKey> keys);
  void reverse();
  /// Both return the number of rows that were dropped.
  size_t keep_first(size_t count);
  size_t keep_last(size_t count);

  [[nodiscard]] std::string to_text(const TextStyle& style) const;

 private:
  [[nodiscard]] std::vector<std::string> format_row(std::span<const Cell> cells) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<Cell> totals_;
};

}  // namespace corewalk
