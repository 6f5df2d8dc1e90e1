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
  SessionOptions opened_with;  ///< by the last Session::open()
};

/// The one target there is.
FakeTarget& fake_target();
/// As at start.
void reset_fake_target();

}  // namespace corewalk::test
