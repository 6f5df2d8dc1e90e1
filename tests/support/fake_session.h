#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "memory/segmented_memory.h"
#include "session/session.h"

namespace corewalk::test {

/// What the Session that this folder links in place of the real one answers: a small service that
/// ran out of memory. Tests change it and reset() it.
struct FakeTarget {
  ProcessInfo process;
  std::optional<EndReason> end_reason;
  RuntimeVersions versions;
  Census census;
  std::map<std::string, std::vector<Instance>> instances;
  std::map<uint64_t, Value> values;                    ///< by tagged word
  std::map<std::string, std::vector<Holder>> holders;  ///< by what is asked
  std::optional<RetainerTree> retainers;
  std::optional<RetainingPaths> paths;
  ClassPaths class_paths;
  std::optional<DominatorRows> dominators;
  std::optional<Retention> retention;
  std::vector<NamedRoot> roots;
  Liveness asked_liveness = Liveness::kAny;  ///< of the last census
  RetainerQuery asked_retainers;             ///< these four: what was asked last
  uint64_t asked_paths = 0;
  ClassPathQuery asked_class_paths;
  DominatorQuery asked_dominators;
  std::vector<FunctionRow> functions;
  StringSearch strings;
  DuplicateReport duplicates;
  AddressInfo place;
  AsyncReport async;
  std::vector<IsolateSummary> isolates;
  std::vector<SpaceSummary> spaces;
  NodeInfo node_info;
  ProcessFacts process_facts;
  ResourceList handles;
  ResourceList requests;
  std::vector<Timer> timers;
  std::vector<LoadedModule> modules;
  DoctorReport doctor;
  std::unique_ptr<SegmentedMemory> memory;
  SnapshotSummary snapshot;
  SnapshotOptions snapshot_options;                ///< of the last Session::write_snapshot()
  std::map<uint32_t, SnapshotPlace> snapshot_ids;  ///< what @ID leads to
  SessionOptions opened_with;                      ///< by the last Session::open()
};

/// The one target there is.
FakeTarget& fake_target();
/// As at start.
void reset_fake_target();

}  // namespace corewalk::test
