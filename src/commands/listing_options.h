#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/common_options.h"
#include "commands/option_list.h"

namespace corewalk {

/// The options of commands that list what Node.js keeps, item by item: handles, timers, modules.
struct ListingOptions {
  std::optional<std::string> filter;
  std::optional<uint64_t> limit;
  IsolateOption isolate;
  FormatOptions format;

  /// `filter_help`: what --filter is matched with.
  void declare(OptionList& options, std::string filter_help);

  /// Leaves the first items, as many as --limit allows.
  template <class Item>
  void cut(std::vector<Item>& items) const {
    if (limit && *limit < items.size()) items.resize(*limit);
  }
};

/// What stands behind items of which there were `total`: dots if some were cut off, then `summary`.
[[nodiscard]] std::string listing_end(size_t shown, size_t total, const std::string& summary);

/// A line each, with the isolate behind it if they are of several. Items have `isolate`.
template <class Item, class Line>
[[nodiscard]] std::string listing_lines(const std::vector<Item>& items, Line line) {
  const bool several =
      std::any_of(items.begin(), items.end(), [](const Item& item) { return item.isolate != 0; });
  std::string text;
  for (const Item& item : items) {
    text += line(item);
    if (several) text += " [isolate " + std::to_string(item.isolate) + "]";
    text += '\n';
  }
  return text;
}

}  // namespace corewalk
