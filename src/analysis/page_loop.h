#pragma once

#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <atomic>
#include <cstdint>

#include "base/progress.h"

namespace corewalk {

/// Calls body(worker, i) for each page number i below `count`, on all cores, until all are done or
/// the user interrupts. `workers` gives each thread its own.
template <typename Worker, typename Body>
void for_each_page(size_t count, tbb::enumerable_thread_specific<Worker>& workers,
                   Progress& progress, const Body& body) {
  constexpr size_t kPagesPerTask = 8;
  // oneTBB is not built for ThreadSanitizer, which so misses that the tasks begin after the loop
  // does, and that the loop waits for them. These two show it that much, and no order among tasks.
  static std::atomic<uint64_t> begun;
  static std::atomic<uint64_t> ended;
  begun.fetch_add(1, std::memory_order_release);
  tbb::parallel_for(tbb::blocked_range<size_t>(0, count, kPagesPerTask),
                    [&](const tbb::blocked_range<size_t>& range) {
                      (void)begun.load(std::memory_order_acquire);
                      Worker& worker = workers.local();
                      for (size_t i = range.begin(); i < range.end(); ++i) {
                        if (progress.interrupted()) break;
                        body(worker, i);
                      }
                      progress.advance(range.size());
                      ended.fetch_add(1, std::memory_order_release);
                    });
  (void)ended.load(std::memory_order_acquire);
}

}  // namespace corewalk
