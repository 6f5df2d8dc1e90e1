#pragma once

#include <string>

#include "commands/command.h"
#include "node/resource.h"
#include "report/json_writer.h"

namespace corewalk {

/// "onTick at /srv/app.js:12:20", escaped.
[[nodiscard]] std::string callback_text(const Callback& callback);
/// {"function", "name", "file", "line", "column"}.
[[nodiscard]] Json callback_json(const Callback& callback);

/// One handle or request on one line; the object first, in llnode's words.
[[nodiscard]] std::string resource_line(RunContext& context, const Resource& resource);
[[nodiscard]] Json resource_json(const Resource& resource);

}  // namespace corewalk
