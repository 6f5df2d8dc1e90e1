#pragma once

#include <string>

#include "inspect/value.h"
#include "report/json_writer.h"
#include "v8/source_locator.h"

namespace corewalk {

/// A value as llnode prints it, escaped for a terminal:
///
///     0x2f1b3c04a9a1:<Object: Session properties {
///         .id=<Smi: 7>,
///         .user=0x2f1b3c04aa09:<Object: User>}>
[[nodiscard]] std::string value_text(const Value& value);

/// The line alone, with its address: "0x2f1b3c04aa09:<Object: User>".
[[nodiscard]] std::string value_line(const Value& value);

/// {"address", "kind", "type", "text", "value", "sections"...}: docs/schema/inspect.schema.json.
[[nodiscard]] Json value_json(const Value& value);

/// Adds "file", "line" and "column"; null where they are not known.
void add_location(Json& json, const v8::SourceLocation& location);

}  // namespace corewalk
