#pragma once

#include <cstddef>

namespace corewalk {

/// Memory of large arrays: mappings of their own, which malloc would not give back to the system.
/// They begin where a huge page may, and ask for huge pages: work on a graph is random access to
/// such arrays, and much of its time goes into TLB misses without them.
class PageMemory {
 public:
  /// From here on a mapping pays.
  static constexpr size_t kLeastBytes = size_t{4} << 20;

  /// `bytes` of no particular value, which take no memory before they are written to, unless they
  /// were kept. Throws std::bad_alloc.
  [[nodiscard]] static void* allocate(size_t bytes);
  static void release(void* data, size_t bytes);

  /// While one lives, the memory that is released is kept for what is allocated next. Stages of
  /// work that each need arrays of their own then do not wait for the system to clear pages again
  /// and again, and need no more memory than without, as long as arrays are written to throughout.
  /// Safe for concurrent use, like the rest.
  class Keep {
   public:
    Keep();
    ~Keep();
    Keep(const Keep&) = delete;
    Keep& operator=(const Keep&) = delete;
  };
};

}  // namespace corewalk
