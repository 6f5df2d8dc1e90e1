#pragma once

#include <cstdint>

#include "base/progress.h"
#include "report/byte_sink.h"
#include "report/snapshot_source.h"

namespace corewalk {

/// What was written, and what did not fit the format.
struct SnapshotStatistics {
  uint32_t nodes = 0;
  uint64_t edges = 0;
  uint64_t locations = 0;
  uint32_t strings = 0;
  uint64_t text_bytes = 0;     ///< the file before compression
  uint64_t string_bytes = 0;   ///< of them, the strings section
  uint64_t clamped_sizes = 0;  ///< nodes of 4 GiB and more, written as one byte less than that
  bool interrupted = false;    ///< the file is not whole
};

/// Chrome DevTools makes one JavaScript string of the strings section, which V8 limits to this
/// many characters (String::kMaxLength on 64 bits).
inline constexpr uint64_t kMaxStringsSection = 0x1fffffe8;

/// Writes a .heapsnapshot as V8 does (heap-snapshot-generator.cc, HeapSnapshotJSONSerializer): the
/// same keys in the same order, in one go from the first byte to the last. Sections about
/// allocations stay empty: only a live process could have recorded them.
class HeapSnapshotWriter {
 public:
  HeapSnapshotWriter(const SnapshotSchema& schema, SnapshotSource& source, SnapshotStrings& strings,
                     ByteSink& sink)
      : schema_(schema), source_(source), strings_(strings), sink_(sink) {}

  /// Does not finish the sink. Throws Failure(kUsage) if the format has no room for that many
  /// nodes.
  SnapshotStatistics write(Progress& progress);

 private:
  SnapshotSchema schema_;
  SnapshotSource& source_;
  SnapshotStrings& strings_;
  ByteSink& sink_;
};

}  // namespace corewalk
