#include "report/snapshot_file.h"

#include "report/output_file.h"
#include "report/redactor.h"

namespace corewalk {

SnapshotFileResult write_snapshot_file(const SnapshotSchema& schema, SnapshotSource& source,
                                       const SnapshotFileOptions& options,
                                       const std::optional<PruneRequest>& prune,
                                       Progress& progress) {
  // First, so that a folder that is not there is no news after minutes of work.
  OutputFile file(options.path);
  std::optional<Redactor> redactor;
  if (options.redact) redactor.emplace();
  SnapshotStrings::Options string_options;
  if (options.string_limit) string_options.limit_units = *options.string_limit;
  if (redactor) string_options.redactor = &*redactor;
  SnapshotFileResult result;
  std::optional<SnapshotPruner> pruner;
  if (prune) {
    pruner.emplace(source, *prune, string_options, progress);
    result.statistics.interrupted = progress.interrupted();
    if (result.statistics.interrupted) return result;
    result.folded_objects = pruner->folded_objects();
    result.folds = pruner->folds();
  }
  SnapshotSource& chosen = pruner ? static_cast<SnapshotSource&>(*pruner) : source;
  SnapshotStrings strings(string_options);
  result.statistics = HeapSnapshotWriter(schema, chosen, strings, file.sink()).write(progress);
  if (result.statistics.interrupted) return result;
  file.commit();
  result.written_bytes = file.written_bytes();
  return result;
}

}  // namespace corewalk
