#pragma once

#include <vector>

#include "analysis/census.h"
#include "analysis/space_summary.h"
#include "base/progress.h"
#include "v8/heap.h"

namespace corewalk {

/// What the bytes of one page are.
struct PageAudit {
  const v8::HeapPage* page = nullptr;
  Coverage coverage;
};

/// Walks every page and accounts for its bytes, without looking into objects.
[[nodiscard]] std::vector<PageAudit> audit_pages(const v8::Heap& heap, Progress& progress);

/// The audits summed up per isolate and space, in V8's order of spaces.
[[nodiscard]] std::vector<SpaceSummary> summarise_spaces(const v8::Heap& heap,
                                                         const std::vector<PageAudit>& audits);

/// How many pages agree with V8's own count of their allocated bytes. V8 keeps that count for pages
/// it sweeps; an open allocation area counts as allocated there.
struct AllocatedBytesCheck {
  uint64_t compared = 0;
  uint64_t equal = 0;   ///< to the byte
  uint64_t within = 0;  ///< or differing by no more than what may have been trimmed off objects
};
[[nodiscard]] AllocatedBytesCheck compare_allocated_bytes(const v8::Heap& heap,
                                                          const std::vector<PageAudit>& audits);

}  // namespace corewalk
