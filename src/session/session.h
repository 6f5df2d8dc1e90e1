#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/async_chain.h"
#include "analysis/census.h"
#include "analysis/census_walk.h"
#include "analysis/doctor_report.h"
#include "analysis/duplicate_strings.h"
#include "analysis/function_finder.h"
#include "analysis/instance_finder.h"
#include "analysis/isolate_summary.h"
#include "analysis/space_summary.h"
#include "analysis/string_finder.h"
#include "base/progress.h"
#include "inspect/value_reader.h"
#include "memory/address_space.h"
#include "memory/process_info.h"
#include "memory/symbol_source.h"
#include "node/end_reason.h"
#include "node/loaded_module.h"
#include "node/node_info.h"
#include "node/process_facts.h"
#include "node/resource.h"
#include "node/timer.h"
#include "session/address_info.h"
#include "session/holder_finder.h"
#include "session/retention.h"
#include "session/root_list.h"
#include "session/snapshot_options.h"
#include "session/source_listing.h"
#include "stack/frame.h"

namespace corewalk {

/// Which core to read, and with what.
struct SessionOptions {
  std::filesystem::path core;
  std::optional<std::filesystem::path> executable;   ///< --exe; else it is searched for
  std::vector<std::filesystem::path> search_paths;   ///< --search-path
  std::optional<std::filesystem::path> layout_file;  ///< --layout
  bool force = false;         ///< go on with a wrong executable or a layout that fails its checks
  bool one_question = false;  ///< there will be one only: what none but later ones need is not kept
};

/// A process that the host reads for us: a live one under a debugger.
struct HostTarget {
  std::unique_ptr<AddressSpace> memory;
  std::unique_ptr<SymbolSource> symbols;
  ProcessInfo process;
};

/// The spaces of a heap, and how much of it could be read.
struct SpacesReport {
  std::vector<SpaceSummary> spaces;
  Coverage coverage;
};

/// One process under examination. Opens fast; each later stage (layout, pages, census) is computed
/// on first need and kept, unless it was interrupted. What needs V8 throws Failure(kUnsupported) if
/// the process has none that we know; process() and memory() always answer.
class Session {
 public:
  /// Throws Failure if the core cannot be read, is no core, or the executable is the wrong one.
  static std::unique_ptr<Session> open(const SessionOptions& options, Progress& progress);
  /// On a process the host reads; of `options` only layout_file and force count.
  static std::unique_ptr<Session> open(HostTarget target, const SessionOptions& options,
                                       Progress& progress);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const ProcessInfo& process() const;
  [[nodiscard]] const AddressSpace& memory() const;
  /// Why Node.js ended itself, if it did and its stack still shows it.
  [[nodiscard]] std::optional<EndReason> end_reason() const;
  /// Never throws: what is not known is empty.
  [[nodiscard]] RuntimeVersions versions(Progress& progress);

  [[nodiscard]] const Census& census(const CensusOptions& options, Progress& progress);
  [[nodiscard]] InstancePage instances(std::string_view name, const InstanceQuery& query,
                                       Progress& progress);
  /// The closures by definition; and those of some definitions.
  [[nodiscard]] FunctionReport functions(std::optional<v8::IsolateIndex> isolate,
                                         Progress& progress);
  [[nodiscard]] ClosureLists closures(const std::set<Address>& definitions,
                                      std::optional<v8::IsolateIndex> isolate, Progress& progress);
  /// Throws std::regex_error if the pattern should be a regular expression and is none.
  [[nodiscard]] StringSearch strings(const StringQuery& query, Progress& progress);
  [[nodiscard]] DuplicateReport duplicate_strings(const DuplicateQuery& query, Progress& progress);
  /// What an address lies in. Says less, and never throws, if the process has no V8 that we know.
  [[nodiscard]] AddressInfo whatis(Address address, Progress& progress);
  /// Absent if there is no function, or it has no source.
  [[nodiscard]] std::optional<SourceListing> source(const SourceQuery& query, Progress& progress);
  /// The chains of what awaits what.
  [[nodiscard]] AsyncReport async_chains(std::optional<v8::IsolateIndex> isolate,
                                         Progress& progress);
  /// The value a tagged word stands for; one of kind kUnreadable if it stands for none. An untagged
  /// address of an object is taken for a tagged one.
  [[nodiscard]] Value inspect(uint64_t word, const InspectOptions& options, Progress& progress);
  /// Who refers to something. The first question about a value indexes the heap.
  [[nodiscard]] std::vector<Holder> references(const ReferenceQuery& query, Progress& progress);
  /// The same, and of each holder a way up to a root.
  [[nodiscard]] RootPaths root_paths(const ReferenceQuery& query, Progress& progress);
  /// Writes the live objects of an isolate as a .heapsnapshot. Throws Failure(kUsage) if the file
  /// cannot be written.
  [[nodiscard]] SnapshotSummary write_snapshot(const SnapshotOptions& options, Progress& progress);
  /// The object that has the id in the files that write_snapshot() writes; absent if none has.
  [[nodiscard]] std::optional<SnapshotPlace> find_snapshot_id(uint32_t id, Progress& progress);
  /// Who holds an object, who holds those, and so on. Absent if no object is at `word`. This and
  /// the four below need the graph of the heap, which the first of them builds; they throw
  /// Failure(kPartial) if that is interrupted.
  [[nodiscard]] std::optional<RetainerTree> retainers(uint64_t word, const RetainerQuery& query,
                                                      Progress& progress);
  /// At most `limit` ways from roots to an object.
  [[nodiscard]] std::optional<RetainingPaths> retaining_paths(uint64_t word, uint64_t limit,
                                                              Progress& progress);
  [[nodiscard]] ClassPaths class_paths(const ClassPathQuery& query, Progress& progress);
  /// Absent if no object is where the query says.
  [[nodiscard]] std::optional<DominatorRows> dominators(const DominatorQuery& query,
                                                        Progress& progress);
  [[nodiscard]] std::optional<Retention> retention(uint64_t word, Progress& progress);
  /// The calls of each thread, that of the thread that died first; then an empty stack for each
  /// isolate that none of them is known to run.
  [[nodiscard]] std::vector<ThreadStack> stacks(Progress& progress);
  /// What V8's collector or its heap snapshot starts from, sorted by isolate and category.
  [[nodiscard]] std::vector<NamedRoot> roots(Progress& progress);
  [[nodiscard]] std::vector<IsolateSummary> isolates(Progress& progress);
  [[nodiscard]] SpacesReport spaces(std::optional<v8::IsolateIndex> isolate, Progress& progress);
  [[nodiscard]] NodeInfo node_info(Progress& progress);
  [[nodiscard]] ProcessFacts process_facts(Progress& progress);
  /// What Node.js lists of each thread. Throws Failure(kUnsupported) if the binary does not say
  /// where the lists are.
  [[nodiscard]] ResourceList handles(Progress& progress);
  [[nodiscard]] ResourceList requests(Progress& progress);
  /// When they are due is known only if the binary says where Node.js keeps its state.
  [[nodiscard]] std::vector<Timer> timers(Progress& progress);
  [[nodiscard]] std::vector<LoadedModule> modules(Progress& progress);
  /// Never throws about the target: what is wrong with it is the report.
  [[nodiscard]] DoctorReport doctor(Progress& progress);

 private:
  class Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace corewalk
