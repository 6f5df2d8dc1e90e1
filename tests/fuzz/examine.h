#pragma once

#include "base/progress.h"
#include "session/session.h"

namespace corewalk::fuzz {

/// Asks `session` everything the commands ask. Aborts the program if an answer contradicts itself:
/// labels that do not add up to the bytes of the pages, rows that hold more than the pages. That
/// the target is unsupported is an answer too; returns whether it was supported.
bool examine(Session& session, Progress& progress);

}  // namespace corewalk::fuzz
