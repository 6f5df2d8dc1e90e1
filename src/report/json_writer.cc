#include "report/json_writer.h"

#include <fmt/format.h>

#include "report/units.h"

namespace corewalk {
namespace {

struct CellToJson {
  Json operator()(std::monostate /*none*/) const { return nullptr; }
  Json operator()(bool value) const { return value; }
  Json operator()(uint64_t value) const { return value; }
  Json operator()(Address address) const { return format_address(address); }
  Json operator()(const std::string& text) const { return text; }
  Json operator()(const std::vector<std::string>& list) const { return list; }
};

}  // namespace

Json json_document(std::string_view name, int form) {
  Json document = Json::object();
  document["schema"] = fmt::format("corewalk.{}/{}", name, form);
  return document;
}

Json json_rows(const Table& table) {
  Json rows = Json::array();
  for (const std::vector<Cell>& row : table.rows()) {
    Json object = Json::object();
    for (size_t i = 0; i < row.size(); ++i) {
      const Column& column = table.columns()[i];
      if (column.audience == Audience::kTextOnly) continue;
      object[column.key] = std::visit(CellToJson(), row[i]);
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

Json json_address(const std::optional<Address>& address) {
  return address ? Json(format_address(*address)) : Json(nullptr);
}

Json json_text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string write_json(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string write_json_line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace corewalk
