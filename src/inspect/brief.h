#pragma once

#include <optional>
#include <string>

#include "inspect/value_reader.h"

namespace corewalk {

/// Values in one line, in llnode's words.
[[nodiscard]] Value smi_value(int32_t value);
[[nodiscard]] Value number_value(double value);
[[nodiscard]] Value brief_value(const ValueReader& reader, const v8::ObjectView& object,
                                const InspectOptions& options);

[[nodiscard]] std::optional<std::string> regexp_source(const ValueReader& reader,
                                                       const v8::ObjectView& regexp);
[[nodiscard]] std::optional<std::string> regexp_flags(const v8::ObjectView& regexp);

/// A number as JavaScript prints it.
[[nodiscard]] std::string number_text(double value);

}  // namespace corewalk
