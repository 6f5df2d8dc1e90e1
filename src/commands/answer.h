#pragma once

#include <optional>
#include <string_view>

#include "analysis/census.h"
#include "commands/command.h"
#include "report/json_writer.h"

namespace corewalk {

/// Says what is wrong with the core or the executable. Every command about a core begins with it.
void warn_about_target(RunContext& context);

/// Says what part of the heap an answer lacks, if any.
[[nodiscard]] ExitCode warn_about_coverage(RunContext& context, const Coverage& coverage,
                                           bool interrupted);

/// The frame of a JSON answer: schema, what core it is about, warnings.
[[nodiscard]] Json begin_json(RunContext& context, std::string_view name, int form = 1);

/// The coverage block of a JSON answer.
[[nodiscard]] Json coverage_json(const Coverage& coverage, bool interrupted);

}  // namespace corewalk
