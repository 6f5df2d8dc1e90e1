#include "session/session_impl.h"

#include <fmt/format.h>

#include <array>

#include "graph/page_memory.h"
#include "heap_graph/class_census.h"
#include "node/module_reader.h"
#include "node/process_object.h"
#include "node/timer_reader.h"
#include "session/address_locator.h"
#include "session/snapshot_pages.h"
#include "stack/stack_finder.h"
#include "stack/stack_roots.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

/// What there is to know of a heap whose process died while it collected garbage.
std::optional<std::string> note_of_collection(const v8::Isolate& isolate) {
  switch (isolate.gc_state) {
    case v8::GcState::kNotInGc:
      break;
    case v8::GcState::kScavenge:
      return fmt::format(
          "isolate {}: the process died in a scavenge; of the young objects that it had not come "
          "to, dead ones count as well",
          isolate.index);
    case v8::GcState::kMarkCompact:
      return fmt::format(
          "isolate {}: the process died in a mark-compact collection; objects count where it had "
          "left them",
          isolate.index);
  }
  return {};
}

}  // namespace

const CodeModules& Session::Impl::code_modules() {
  if (image_) return image_->modules();
  if (!host_modules_) {
    host_modules_.emplace(host_->process, *host_->memory, *host_->symbols,
                          std::vector<std::filesystem::path>());
  }
  return *host_modules_;
}

const TargetLayout& Session::Impl::target(Progress& progress) {
  if (!target_) {
    TargetLayout found = find_target_layout(memory(), symbols(), options_.layout_file, progress);
    // Pages missed because the user interrupted must not stay missed.
    if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
    target_ = std::move(found);
  }
  return *target_;
}

const v8::Heap& Session::Impl::heap(Progress& progress) {
  const TargetLayout& found = target(progress);
  const bool usable =
      found.fits || (options_.force && found.heap && !found.heap->isolates().empty());
  if (!usable) throw unusable(found);
  return *found.heap;
}

const std::vector<PageAudit>& Session::Impl::audits(Progress& progress) {
  if (!audits_) {
    std::vector<PageAudit> found = audit_pages(heap(progress), progress);
    if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
    audits_ = std::move(found);
  }
  return *audits_;
}

const Census& Session::Impl::census(const CensusOptions& options, Progress& progress) {
  const auto key = std::tuple(options.isolate, options.shapes, options.liveness);
  const auto kept = censuses_.find(key);
  if (kept != censuses_.end() && !kept->second.interrupted) return kept->second;
  Census& census = censuses_[key] = options.liveness == Liveness::kAny
                                        ? take_census(heap(progress), options, progress)
                                        : count_live_or_dead(options, progress);
  census.coverage.cut_off_bytes = cut_off_bytes();
  return census;
}

const ValueReader& Session::Impl::values(Progress& progress) {
  if (!values_) values_.emplace(heap(progress));
  return *values_;
}

const NodeInfo& Session::Impl::node_info(Progress& progress) {
  if (!node_info_) {
    NodeInfo found = read_process_object(heap(progress), progress);
    found.pid = process().pid;
    if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
    node_info_ = std::move(found);
  }
  return *node_info_;
}

RuntimeVersions Session::Impl::versions(Progress& progress) {
  RuntimeVersions versions;
  const TargetLayout& found = target(progress);
  versions.v8 = found.v8_version;
  if (!found.fits) return versions;
  const NodeInfo& info = node_info(progress);
  versions.node = info.version.starts_with("v") ? info.version.substr(1) : info.version;
  const auto v8 = info.versions.find("v8");
  if (v8 != info.versions.end()) versions.v8 = v8->second;
  return versions;
}

AddressInfo Session::Impl::whatis(Address address, Progress& progress) {
  AddressSources sources{memory(), symbols(), process()};
  if (const TargetLayout& found = target(progress); found.fits) {
    sources.values = &values(progress);
    sources.stacks = &stacks(progress);
  }
  return locate_address(sources, address);
}

Failure Session::Impl::unusable(const TargetLayout& found) const {
  const ProcessInfo& about = process();
  if (about.core_truncated) {
    return {
        ExitCode::kPartial,
        fmt::format("the core file is truncated, and what is left of it is not enough to read the "
                    "heap by ({} of {} bytes are there). Make the core again, with room on the "
                    "disk and `ulimit -c unlimited`; `info` tells what this one still says",
                    about.core_size_bytes, about.core_size_bytes + about.core_missing_bytes)};
  }
  if (found.layout != nullptr || about.name.empty()) {
    return {ExitCode::kUnsupported, found.problem};
  }
  return {ExitCode::kUnsupported,
          fmt::format("this is a core of the program '{}': {}", about.name, found.problem)};
}

// Where heap pages may have been: in memory of the process's own that has a place for a page.
uint64_t Session::Impl::cut_off_bytes() const {
  if (!process().core_truncated || !target_ || !target_->layout) return 0;
  uint64_t sum = 0;
  for (const Segment& segment : memory().segments()) {
    if (segment.residency != Residency::kTruncated || !segment.writable) continue;
    const Address chunk = segment.range.begin().align_up(target_->layout->page_alignment);
    if (segment.range.contains(chunk)) sum += segment.range.size();
  }
  return sum;
}

// V8 11 and later keep the isolate a thread is in in a thread-local variable.
std::map<Address, uint64_t> Session::Impl::threads_by_isolate() const {
  std::map<Address, uint64_t> threads;
  const auto offset = symbols().thread_local_offset("_ZN2v88internal18g_current_isolate_E");
  if (!offset) return threads;
  for (const ThreadInfo& thread : process().threads) {
    if (!thread.tls_block) continue;
    const auto isolate = memory().read<uint64_t>(*thread.tls_block + *offset, "current isolate");
    if (isolate && *isolate != 0) threads.emplace(Address(*isolate), thread.tid);
  }
  return threads;
}

const std::vector<ThreadStack>& Session::Impl::stacks(Progress& progress) {
  if (!stacks_) {
    stacks_ = find_stacks({.heap = heap(progress),
                           .symbols = symbols(),
                           .process = process(),
                           .modules = code_modules(),
                           .threads_by_isolate = threads_by_isolate()});
  }
  return *stacks_;
}

std::vector<v8::GcRoot> Session::Impl::gc_roots(Progress& progress) {
  const v8::Heap& found = heap(progress);
  std::vector<v8::GcRoot> list = v8::find_gc_roots(found);
  const auto on_stacks = find_stack_roots(found, process(), stacks(progress));
  list.insert(list.end(), on_stacks.begin(), on_stacks.end());
  v8::sort_roots(found.layout(), list);
  return list;
}

RootOwners Session::Impl::root_owners(Progress& progress) {
  return {heap(progress), symbols(), stacks(progress),
          EnvironmentOffsets::read(symbols(), memory())};
}

std::vector<NamedRoot> Session::Impl::roots(Progress& progress) {
  return name_roots(heap(progress), gc_roots(progress), root_owners(progress));
}

GraphRoots Session::Impl::graph_roots(Progress& progress) {
  GraphRoots roots{.gc_roots = gc_roots(progress), .embedder_objects = {}};
  roots.embedder_objects = find_embedder_objects(roots.gc_roots, root_owners(progress));
  return roots;
}

RetentionAnswers& Session::Impl::retention(RetentionGraph::Kept needed, Progress& progress) {
  const bool is_bare = retention_ && !retention_->graph().objects().has_references();
  if (!retention_ || (is_bare && needed == RetentionGraph::Kept::kAll)) {
    retention_.reset();
    const v8::Heap& found = heap(progress);
    const std::vector<std::string>& arguments = node_info(progress).argv;
    const std::filesystem::path script = arguments.size() > 1 ? arguments[1] : "";
    retention_.emplace(RetentionGraph::build(found, {}, graph_roots(progress), needed, progress),
                       values(progress), root_owners(progress), script.parent_path().string());
  }
  return *retention_;
}

Census Session::Impl::count_live_or_dead(const CensusOptions& options, Progress& progress) {
  const PageMemory::Keep keep;
  const auto needed =
      options_.one_question ? RetentionGraph::Kept::kSizes : RetentionGraph::Kept::kAll;
  const RetentionGraph& graph = retention(needed, progress).graph();
  Census census = count_classes(graph, options.liveness, options.isolate, progress);
  const uint64_t unreadable = census.coverage.unreadable_objects;
  census.coverage = with_losses(graph.objects().index().coverage(), options.isolate);
  census.coverage.unreadable_objects += unreadable;
  return census;
}

SnapshotSummary Session::Impl::write_snapshot(const SnapshotOptions& options, Progress& progress) {
  const v8::Heap& found = heap(progress);
  const v8::IsolateIndex isolate = options.isolate.value_or(0);
  SnapshotSummary summary =
      write_heap_snapshot(found, graph_roots(progress), isolate, options, progress);
  summary.coverage = with_losses(summary.coverage, isolate);
  return summary;
}

SpacesReport Session::Impl::spaces(std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  std::vector<PageAudit> chosen = audits(progress);
  if (isolate) {
    std::erase_if(chosen, [&](const PageAudit& audit) { return audit.page->isolate != isolate; });
  }
  SpacesReport report;
  report.spaces = summarise_spaces(heap(progress), chosen);
  report.coverage = coverage_of(chosen, isolate);
  return report;
}

// Only after heap(): the target is known.
Coverage Session::Impl::coverage_of(const std::vector<PageAudit>& pages,
                                    std::optional<v8::IsolateIndex> isolate) const {
  Coverage coverage;
  for (const PageAudit& audit : pages) coverage.add(audit.coverage);
  return with_losses(coverage, isolate);
}

Coverage Session::Impl::coverage(Progress& progress) {
  if (!retention_) return coverage_of(audits(progress), {});
  return with_losses(retention_->graph().objects().index().coverage(), {});
}

/// Adds what is not in the core.
Coverage Session::Impl::with_losses(Coverage coverage,
                                    std::optional<v8::IsolateIndex> isolate) const {
  for (const v8::LostPage& page : target_->heap->lost_pages()) {
    if (!isolate || page.isolate == *isolate) ++coverage.pages_missing;
  }
  coverage.cut_off_bytes = cut_off_bytes();
  return coverage;
}

const std::optional<Session::Impl::NodeState>& Session::Impl::known_node_state(Progress& progress) {
  if (!knows_node_state_) {
    const auto offsets = EnvironmentOffsets::read(symbols(), memory());
    std::optional<NodeState> found;
    if (offsets) {
      found = NodeState{.offsets = *offsets,
                        .environments = find_environments(heap(progress), *offsets, progress)};
    }
    if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
    node_state_ = std::move(found);
    knows_node_state_ = true;
  }
  return node_state_;
}

const Session::Impl::NodeState& Session::Impl::node_state(Progress& progress) {
  const auto& state = known_node_state(progress);
  if (!state) {
    throw Failure(ExitCode::kUnsupported,
                  "the executable does not say where Node.js keeps its lists: the symbols "
                  "nodedbg_* are not in it, or it is not at hand (--exe PATH names it)");
  }
  if (state->environments.empty()) {
    throw Failure(ExitCode::kUnsupported, "no node::Environment was found in this process");
  }
  return *state;
}

ProcessFacts Session::Impl::process_facts(Progress& progress) {
  const std::optional<Address> object = node_info(progress).process_object;
  const auto& state = known_node_state(progress);
  return read_process_facts(heap(progress), symbols(), process(), object,
                            state ? state->environments : std::vector<Environment>());
}

ResourceList Session::Impl::handles(Progress& progress) {
  const ResourceReader reader = resource_reader(progress);
  ResourceList list =
      reader.handles(node_state(progress).environments, node_info(progress).process_object);
  // Only where there is more than one isolate is the walk over the heap worth it.
  if (heap(progress).isolates().size() > 1) {
    constexpr std::array<std::string_view, 1> kNames = {"Worker"};
    reader.add_workers(find_objects(heap(progress), kNames, progress)[0], list);
    if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
  }
  return list;
}

std::vector<Timer> Session::Impl::timers(Progress& progress) {
  constexpr std::array<std::string_view, 3> kNames = {"TimersList", "Timeout", "Immediate"};
  auto found = find_objects(heap(progress), kNames, progress);
  if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
  const TimerObjects objects{.lists = std::move(found[0]),
                             .timeouts = std::move(found[1]),
                             .immediates = std::move(found[2])};
  const auto& state = known_node_state(progress);
  return read_timers(heap(progress), objects, symbols(),
                     state ? state->environments : std::vector<Environment>(),
                     values(progress).sources());
}

std::vector<LoadedModule> Session::Impl::modules(Progress& progress) {
  constexpr std::array<std::string_view, 5> kNames = {
      "Module", "ModuleWrap", "system / SourceTextModule", "SafeMap", "Map"};
  auto found = find_objects(heap(progress), kNames, progress);
  if (progress.interrupted()) throw Failure(ExitCode::kPartial, "interrupted");
  found[3].insert(found[3].end(), found[4].begin(), found[4].end());
  return read_modules(heap(progress), {.modules = std::move(found[0]),
                                       .module_wraps = std::move(found[1]),
                                       .text_modules = std::move(found[2]),
                                       .maps = std::move(found[3])});
}

std::optional<SnapshotPlace> Session::Impl::find_snapshot_id(uint32_t id, Progress& progress) {
  const auto place = SnapshotIds(snapshot_pages(heap(progress))).find(id);
  if (!place) return {};
  for (Address word = place->cell.begin(); place->cell.contains(word);
       word = word + v8::kWordBytes) {
    const AddressInfo info = whatis(word, progress);
    if (info.kind == PlaceKind::kObject && info.heap->range.begin() == word) {
      return SnapshotPlace{.object = v8::tag(word), .native = place->native};
    }
  }
  return {};
}

const HolderFinder& Session::Impl::holders(Progress& progress) {
  if (!holders_) holders_.emplace(heap(progress), process(), stacks(progress), progress);
  return *holders_;
}

std::vector<IsolateSummary> Session::Impl::isolates(Progress& progress) {
  const v8::Heap& found = heap(progress);
  const auto threads = threads_by_isolate();
  std::vector<IsolateSummary> list;
  for (const v8::Isolate& isolate : found.isolates()) {
    IsolateSummary summary;
    summary.index = isolate.index;
    summary.role = isolate.index == 0 ? IsolateRole::kMain : IsolateRole::kWorker;
    summary.address = isolate.address;
    summary.heap = isolate.heap;
    const auto thread = threads.find(isolate.address);
    if (thread != threads.end()) summary.thread_id = thread->second;
    for (const v8::HeapPage& page : found.pages()) {
      if (page.isolate != isolate.index) continue;
      ++summary.pages;
      summary.committed_bytes += page.committed_bytes;
    }
    list.push_back(summary);
  }
  return list;
}

DoctorReport Session::Impl::doctor(Progress& progress) {
  const TargetLayout& found = target(progress);
  DoctorReport report;
  if (found.layout == nullptr) {
    report.notes.push_back(found.problem);
    return report;
  }
  report.layout = fmt::format("V8 {} (Node {})", found.layout->version, found.layout->node_line);
  report.source = options_.layout_file ? options_.layout_file->string() : "built in";
  for (const v8::LayoutCheck& check : found.checks) {
    report.checks.push_back({check.name, check.passed, check.detail});
  }
  report.notes = found.layout->notes;
  for (const v8::Isolate& isolate : found.heap->isolates()) {
    if (auto note = note_of_collection(isolate)) report.notes.push_back(std::move(*note));
  }
  if (found.heap->isolates().empty()) return report;
  const std::vector<PageAudit>& pages = audit_pages(*found.heap, progress);
  report.coverage = coverage_of(pages, {});
  const AllocatedBytesCheck sums = compare_allocated_bytes(*found.heap, pages);
  if (sums.compared > 0) {
    report.checks.push_back(
        {"page sums", sums.within == sums.compared,
         fmt::format("{} of {} pages hold as many bytes of objects as V8 counted, {} of them to "
                     "the byte",
                     sums.within, sums.compared, sums.equal)});
  }
  report.checks.push_back(
      {"coverage", report.coverage.complete(),
       fmt::format("{} bytes damaged, {} missing, {} cut off; {} pages missing",
                   report.coverage.damaged_bytes, report.coverage.missing_bytes,
                   report.coverage.cut_off_bytes, report.coverage.pages_missing)});
  return report;
}

}  // namespace corewalk
