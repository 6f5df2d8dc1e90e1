#pragma once

#include "analysis/census.h"
#include "base/progress.h"
#include "session/session.h"

namespace corewalk::fuzz {

/// Ends the program if an invariant does not hold.
void require(bool holds, const char* what);

/// Asks `session` who holds what: roots, live and dead, retainers, paths, dominators, a heap
/// snapshot. `census` is that of all objects. Aborts the program if an answer contradicts itself or
/// another.
void examine_retention(Session& session, const Census& census, Progress& progress);

}  // namespace corewalk::fuzz
