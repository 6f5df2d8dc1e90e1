#pragma once

#include <optional>
#include <string_view>

#include "analysis/census.h"
#include "commands/command.h"
#include "report/json_writer.h"

namespace corewalk {

/// Says what is wrong with the core or the executable: of commands that read it, not the whole
/// heap. Comes when the answer is known and before it is written: if there is none, the error says
/// why, in one line.
void warn_about_target(RunContext& context);

/// The same of commands about the whole heap, and what part of it the answer lacks.
[[nodiscard]] ExitCode warn_about_answer(RunContext& context, const Coverage& coverage,
                                         bool interrupted);

/// What a command fails with that was given an address of no object; `reason` may be empty.
[[nodiscard]] Failure no_object(const RunContext& context, uint64_t word,
                                std::string_view reason = {});

/// The frame of a JSON answer: schema, what core it is about, warnings.
[[nodiscard]] Json begin_json(RunContext& context, std::string_view name, int form = 1);

/// The coverage block of a JSON answer.
[[nodiscard]] Json coverage_json(const Coverage& coverage, bool interrupted);

}  // namespace corewalk
