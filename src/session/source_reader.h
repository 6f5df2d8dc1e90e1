#pragma once

#include <optional>

#include "inspect/value_reader.h"
#include "session/source_listing.h"

namespace corewalk {

/// Reads lines of the script that a function is written in. Absent if the word is no function with
/// a source.
[[nodiscard]] std::optional<SourceListing> read_source(const ValueReader& values,
                                                       const SourceQuery& query);

}  // namespace corewalk
