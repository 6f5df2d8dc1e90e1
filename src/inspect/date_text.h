#pragma once

#include <optional>
#include <string>

#include "v8/object_view.h"

namespace corewalk {

/// What a Date holds: milliseconds since 1970, NaN for an invalid one.
[[nodiscard]] std::optional<double> date_time(const v8::ObjectView& date);

/// As Date.prototype.toISOString writes it, "2000-01-01T00:00:00.000Z"; "Invalid Date" for what is
/// no time.
[[nodiscard]] std::string iso_time(double milliseconds);

}  // namespace corewalk
