#pragma once

#include <filesystem>
#include <optional>

#include "report/heap_snapshot_writer.h"
#include "report/snapshot_pruner.h"

namespace corewalk {

struct SnapshotFileOptions {
  std::filesystem::path path;            ///< as OutputFile takes it
  std::optional<uint64_t> string_limit;  ///< UTF-16 code units that stay of a string; absent: all
  bool redact = false;                   ///< tokens in place of the contents of strings
};

struct SnapshotFileResult {
  SnapshotStatistics statistics;
  uint64_t written_bytes = 0;   ///< after compression
  uint64_t folded_objects = 0;  ///< left out
  uint32_t folds = 0;           ///< nodes that stand for them
};

/// Writes a snapshot to a file, without what `prune` folds. If interrupted there is none. Throws
/// Failure(kUsage) if it cannot be written.
[[nodiscard]] SnapshotFileResult write_snapshot_file(const SnapshotSchema& schema,
                                                     SnapshotSource& source,
                                                     const SnapshotFileOptions& options,
                                                     const std::optional<PruneRequest>& prune,
                                                     Progress& progress);

}  // namespace corewalk
