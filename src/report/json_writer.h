#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/table.h"

namespace corewalk {

/// Keys stay in the order they were added.
using Json = nlohmann::ordered_json;

/// An answer of the command `name`, whose form has that number: {"schema": "corewalk.NAME/1"}. The
/// number grows when a key changes its meaning or goes away; new keys do not change it.
[[nodiscard]] Json json_document(std::string_view name, int form);

/// The rows of a table: an array of objects keyed by Column::key.
[[nodiscard]] Json json_rows(const Table& table);

/// "0x3a1cb81e0b1", or null.
[[nodiscard]] Json json_address(const std::optional<Address>& address);
/// The text, or null if it is empty.
[[nodiscard]] Json json_text(const std::string& text);

/// The document as text with a line feed at its end. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string write_json(const Json& document);
/// The same on one line, for answers that are many documents.
[[nodiscard]] std::string write_json_line(const Json& document);

}  // namespace corewalk
