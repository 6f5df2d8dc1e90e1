#pragma once

#include <string>

#include "commands/command.h"
#include "report/json_writer.h"
#include "stack/frame.h"

namespace corewalk {

/// A call as llnode prints it, without its number, escaped for a terminal:
///
///     handle(this=0x2f1b3c04a9a1:<Object: Server>, <Smi: 1>) at /srv/app.js:22:41 (function at
///     /srv/app.js:20:9) fn=0x2f1b3c04aa09
[[nodiscard]] std::string frame_text(RunContext& context, const StackFrame& frame);

/// The variables of a call: those in the context of its function, then the registers of its
/// bytecode.
[[nodiscard]] std::string frame_variables_text(RunContext& context, const StackFrame& frame);

/// One of "frames" in docs/schema/bt.schema.json.
[[nodiscard]] Json frame_json(RunContext& context, const StackFrame& frame, bool variables);

}  // namespace corewalk
