#include "session/session.h"

#include <utility>

#include "analysis/async_chain_finder.h"
#include "session/session_impl.h"
#include "session/source_reader.h"
#include "v8/tagged.h"

namespace corewalk {

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

std::unique_ptr<Session> Session::open(const SessionOptions& options, Progress& /*progress*/) {
  BinarySearch search = BinarySearch::from_environment();
  if (options.executable) search.executable = *options.executable;
  for (const auto& path : options.search_paths) search.directories.push_back(path);
  search.force = options.force;
  return std::unique_ptr<Session>(
      new Session(std::make_unique<Impl>(ProcessImage::open(options.core, search), options)));
}

std::unique_ptr<Session> Session::open(HostTarget target, const SessionOptions& options,
                                       Progress& /*progress*/) {
  return std::unique_ptr<Session>(new Session(std::make_unique<Impl>(std::move(target), options)));
}

const ProcessInfo& Session::process() const { return impl_->process(); }
const AddressSpace& Session::memory() const { return impl_->memory(); }
std::optional<EndReason> Session::end_reason() const {
  const ProcessInfo& info = process();
  const bool has_died = info.signal && info.origin != CoreOrigin::kDebugger;
  if (!has_died || info.threads.empty()) return {};
  return find_end_reason(info.threads.front(), memory(), impl_->symbols());
}
RuntimeVersions Session::versions(Progress& progress) { return impl_->versions(progress); }
const Census& Session::census(const CensusOptions& options, Progress& progress) {
  return impl_->census(options, progress);
}
InstancePage Session::instances(std::string_view name, const InstanceQuery& query,
                                Progress& progress) {
  return find_instances(impl_->heap(progress), name, query, progress);
}
FunctionReport Session::functions(std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  FunctionReport report = find_functions(impl_->heap(progress), isolate, progress);
  report.extent.coverage.cut_off_bytes = impl_->cut_off_bytes();
  return report;
}
ClosureLists Session::closures(const std::set<Address>& definitions,
                               std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  return find_closures(impl_->heap(progress), definitions, isolate, progress);
}
StringSearch Session::strings(const StringQuery& query, Progress& progress) {
  StringSearch search = find_strings(impl_->heap(progress), query, progress);
  search.extent.coverage.cut_off_bytes = impl_->cut_off_bytes();
  return search;
}
DuplicateReport Session::duplicate_strings(const DuplicateQuery& query, Progress& progress) {
  DuplicateReport report = find_duplicate_strings(impl_->heap(progress), query, progress);
  report.extent.coverage.cut_off_bytes = impl_->cut_off_bytes();
  return report;
}
AsyncReport Session::async_chains(std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  AsyncReport report = find_async_chains(impl_->heap(progress), isolate, progress);
  report.extent.coverage.cut_off_bytes = impl_->cut_off_bytes();
  return report;
}
AddressInfo Session::whatis(Address address, Progress& progress) {
  return impl_->whatis(address, progress);
}
std::optional<SourceListing> Session::source(const SourceQuery& query, Progress& progress) {
  return read_source(impl_->values(progress), query);
}
Value Session::inspect(uint64_t word, const InspectOptions& options, Progress& progress) {
  const v8::Heap& heap = impl_->heap(progress);
  const bool is_address = v8::is_smi(word) && heap.page_of(Address(word)) != nullptr;
  return impl_->values(progress).read(is_address ? v8::tag(Address(word)) : word, options);
}
std::vector<Holder> Session::references(const ReferenceQuery& query, Progress& progress) {
  return impl_->holders(progress).holders(query, progress);
}
RootPaths Session::root_paths(const ReferenceQuery& query, Progress& progress) {
  return impl_->holders(progress).root_paths(query, progress);
}
SnapshotSummary Session::write_snapshot(const SnapshotOptions& options, Progress& progress) {
  return impl_->write_snapshot(options, progress);
}
std::optional<SnapshotPlace> Session::find_snapshot_id(uint32_t id, Progress& progress) {
  return impl_->find_snapshot_id(id, progress);
}
std::optional<RetainerTree> Session::retainers(uint64_t word, const RetainerQuery& query,
                                               Progress& progress) {
  RetentionAnswers& answers = impl_->retention(progress);
  const auto node = answers.node_at(word);
  if (!node) return {};
  return impl_->with_coverage(answers.retainers(*node, query, progress), progress);
}
std::optional<RetainingPaths> Session::retaining_paths(uint64_t word, uint64_t limit,
                                                       Progress& progress) {
  RetentionAnswers& answers = impl_->retention(progress);
  const auto node = answers.node_at(word);
  if (!node) return {};
  return impl_->with_coverage(answers.paths(*node, limit, progress), progress);
}
ClassPaths Session::class_paths(const ClassPathQuery& query, Progress& progress) {
  return impl_->with_coverage(impl_->retention(progress).class_paths(query, progress), progress);
}
std::optional<DominatorRows> Session::dominators(const DominatorQuery& query, Progress& progress) {
  RetentionAnswers& answers = impl_->retention(progress);
  const auto node = query.word ? answers.node_at(*query.word) : std::optional(kRootNode);
  if (!node) return {};
  return impl_->with_coverage(answers.dominators(*node, query, progress), progress);
}
std::optional<Retention> Session::retention(uint64_t word, Progress& progress) {
  RetentionAnswers& answers = impl_->retention(progress);
  const auto node = answers.node_at(word);
  return node ? std::optional(answers.retention(*node)) : std::nullopt;
}
std::vector<ThreadStack> Session::stacks(Progress& progress) { return impl_->stacks(progress); }
std::vector<NamedRoot> Session::roots(Progress& progress) { return impl_->roots(progress); }
std::vector<IsolateSummary> Session::isolates(Progress& progress) {
  return impl_->isolates(progress);
}
SpacesReport Session::spaces(std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  return impl_->spaces(isolate, progress);
}
NodeInfo Session::node_info(Progress& progress) { return impl_->node_info(progress); }
ProcessFacts Session::process_facts(Progress& progress) { return impl_->process_facts(progress); }
ResourceList Session::handles(Progress& progress) { return impl_->handles(progress); }
ResourceList Session::requests(Progress& progress) {
  return impl_->resource_reader(progress).requests(impl_->node_state(progress).environments);
}
std::vector<Timer> Session::timers(Progress& progress) { return impl_->timers(progress); }
std::vector<LoadedModule> Session::modules(Progress& progress) { return impl_->modules(progress); }
DoctorReport Session::doctor(Progress& progress) { return impl_->doctor(progress); }

}  // namespace corewalk
