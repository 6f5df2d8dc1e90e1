#pragma once

#include <optional>

#include "analysis/async_chain.h"

namespace corewalk {

/// Finds who waits for whom among the promises that are not settled (execution/isolate.cc,
/// CaptureAsyncStackTrace). Equal chains are counted as one; the number and the length of chains
/// that are followed are bounded.
[[nodiscard]] AsyncReport find_async_chains(const v8::Heap& heap,
                                            std::optional<v8::IsolateIndex> isolate,
                                            Progress& progress);

}  // namespace corewalk
