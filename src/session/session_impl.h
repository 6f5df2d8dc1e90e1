#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/page_audit.h"
#include "base/failure.h"
#include "elf/loaded_modules.h"
#include "elf/process_image.h"
#include "node/environment.h"
#include "node/resource_reader.h"
#include "session/heap_snapshot.h"
#include "session/retention_answers.h"
#include "session/session.h"
#include "session/target_layout.h"

namespace corewalk {

/// The stages of a Session, from the process to the graph of its heap: each is built when a
/// question first needs it, and kept. What the user interrupts is not kept; the Failure says so.
class Session::Impl {
 public:
  Impl(ProcessImage image, SessionOptions options)
      : options_(std::move(options)), image_(std::move(image)) {}
  Impl(HostTarget target, SessionOptions options)
      : options_(std::move(options)), host_(std::move(target)) {}

  // The process.
  [[nodiscard]] const ProcessInfo& process() const {
    return image_ ? image_->info() : host_->process;
  }
  [[nodiscard]] const AddressSpace& memory() const {
    return image_ ? image_->memory() : *host_->memory;
  }
  [[nodiscard]] const SymbolSource& symbols() const {
    return image_ ? image_->symbols() : *host_->symbols;
  }
  [[nodiscard]] const CodeModules& code_modules();
  const std::vector<ThreadStack>& stacks(Progress& progress);

  // The heap.
  const TargetLayout& target(Progress& progress);
  const v8::Heap& heap(Progress& progress);
  const std::vector<PageAudit>& audits(Progress& progress);
  const ValueReader& values(Progress& progress);
  const Census& census(const CensusOptions& options, Progress& progress);
  const HolderFinder& holders(Progress& progress);
  std::vector<IsolateSummary> isolates(Progress& progress);
  SpacesReport spaces(std::optional<v8::IsolateIndex> isolate, Progress& progress);
  DoctorReport doctor(Progress& progress);
  AddressInfo whatis(Address address, Progress& progress);

  // The graph of the heap.
  RetentionAnswers& retention(Progress& progress) {
    return retention(RetentionGraph::Kept::kAll, progress);
  }
  std::vector<NamedRoot> roots(Progress& progress);
  SnapshotSummary write_snapshot(const SnapshotOptions& options, Progress& progress);
  std::optional<SnapshotPlace> find_snapshot_id(uint32_t id, Progress& progress);

  // Node.js.
  struct NodeState {
    EnvironmentOffsets offsets;
    std::vector<Environment> environments;
  };
  const NodeState& node_state(Progress& progress);
  const NodeInfo& node_info(Progress& progress);
  RuntimeVersions versions(Progress& progress);
  ProcessFacts process_facts(Progress& progress);
  [[nodiscard]] ResourceReader resource_reader(Progress& progress) {
    return {heap(progress), node_state(progress).offsets, values(progress).sources()};
  }
  ResourceList handles(Progress& progress);
  std::vector<Timer> timers(Progress& progress);
  std::vector<LoadedModule> modules(Progress& progress);

  /// An answer about all isolates, with what it rests on.
  template <class Answer>
  Answer with_coverage(Answer answer, Progress& progress) {
    answer.extent.coverage = coverage(progress);
    return answer;
  }
  [[nodiscard]] uint64_t cut_off_bytes() const;

 private:
  [[nodiscard]] Failure unusable(const TargetLayout& found) const;
  [[nodiscard]] std::map<Address, uint64_t> threads_by_isolate() const;
  RetentionAnswers& retention(RetentionGraph::Kept needed, Progress& progress);
  Census count_live_or_dead(const CensusOptions& options, Progress& progress);
  [[nodiscard]] std::vector<v8::GcRoot> gc_roots(Progress& progress);
  [[nodiscard]] RootOwners root_owners(Progress& progress);
  [[nodiscard]] GraphRoots graph_roots(Progress& progress);
  /// Empty, and found out once, if the binary does not say where Node.js keeps its state.
  const std::optional<NodeState>& known_node_state(Progress& progress);
  /// What all pages hold; the graph knows it, and spares a walk, if it was made.
  Coverage coverage(Progress& progress);
  [[nodiscard]] Coverage coverage_of(const std::vector<PageAudit>& pages,
                                     std::optional<v8::IsolateIndex> isolate) const;
  [[nodiscard]] Coverage with_losses(Coverage coverage,
                                     std::optional<v8::IsolateIndex> isolate) const;

  SessionOptions options_;
  std::optional<ProcessImage> image_;
  std::optional<HostTarget> host_;
  std::optional<LoadedModules> host_modules_;
  std::optional<TargetLayout> target_;
  std::optional<std::vector<PageAudit>> audits_;
  std::optional<NodeInfo> node_info_;
  bool knows_node_state_ = false;
  std::optional<NodeState> node_state_;
  std::optional<ValueReader> values_;  ///< knows the line ends of the scripts it has met
  std::optional<std::vector<ThreadStack>> stacks_;
  std::optional<HolderFinder> holders_;
  std::map<std::tuple<std::optional<v8::IsolateIndex>, bool, Liveness>, Census> censuses_;
  std::optional<RetentionAnswers> retention_;
};

}  // namespace corewalk
