#include "support/fake_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

#include "base/failure.h"

namespace corewalk {

class Session::Impl {};

namespace test {
namespace {

constexpr std::array<std::byte, 4096> kPage = {};

std::unique_ptr<SegmentedMemory> make_memory() {
  const AddressRange stack(Address(0x7ffc0000), uint64_t{4096});
  const AddressRange text(Address(0x400000), uint64_t{8192});
  return std::make_unique<SegmentedMemory>(std::vector<SegmentedMemory::Piece>{
      {.segment =
           {.range = stack, .residency = Residency::kPresent, .readable = true, .writable = true},
       .bytes = kPage.data()},
      {.segment = {.range = text,
                   .residency = Residency::kNotInCore,
                   .readable = true,
                   .executable = true},
       .bytes = nullptr},
  });
}

ProcessInfo make_process() {
  ProcessInfo process;
  process.origin = CoreOrigin::kKernel;
  process.core_path = "core.4711";
  process.core_size_bytes = 5 << 20;
  process.pid = 4711;
  process.name = "node";
  process.command_line = "/usr/bin/node server.js";
  process.signal.emplace().number = 6;
  process.signal->code = -6;
  process.signal->sender_pid = 4711;
  process.threads.resize(2);
  process.threads[0].tid = 4711;
  process.threads[0].signal = 6;
  process.threads[1].tid = 4712;
  process.executable.path = "/usr/bin/node";
  process.executable.verdict = BinaryVerdict::kMatch;
  process.executable.reason = "the build-ids are equal";
  return process;
}

CensusRow row(const std::string& name, uint64_t count, uint64_t bytes, uint64_t external,
              RowKind kind = RowKind::kJavaScript) {
  return {.name = name,
          .kind = kind,
          .count = count,
          .self_bytes = bytes / 2,
          .shallow_bytes = bytes,
          .external_bytes = external,
          .sample = Address(0x1000 + count)};
}

Census make_census() {
  Census census;
  census.rows = {
      row("Session", 5000, 400000, 0),
      row("Buffer", 20, 2000, 1 << 20),
      row("Zlib", 1, 96, 0),
      row("(string)", 9000, 720000, 0),
      row("(hidden class)", 300, 24000, 0, RowKind::kInternal),
      row("(code)", 700, 210000, 0, RowKind::kInternal),
  };
  ShapeRow shape{.name = "Session",
                 .properties = {"id", "user", "created"},
                 .property_count = 3,
                 .element_count = 0,
                 .count = 4990,
                 .shallow_bytes = 399200,
                 .sample = Address(0x2f1b3c04a9a1)};
  census.shapes.push_back(shape);
  shape.properties.clear();
  shape.dictionary_mode = true;
  shape.property_count = 1200;
  shape.count = 10;
  shape.shallow_bytes = 800;
  census.shapes.push_back(shape);
  census.coverage = {.pages = 12,
                     .page_bytes = uint64_t{12} * 256000,
                     .object_bytes = 1356096,
                     .free_bytes = 12 * 256000 - 1356096};
  census.object_count = 15021;
  census.object_bytes = 1356096;
  return census;
}

std::vector<Instance> make_instances(size_t count) {
  std::vector<Instance> all;
  for (size_t i = 0; i < count; ++i) {
    all.push_back({.address = Address(0x2f1b3c04a9a1 + i * 80),
                   .description = "<Object: Class_B>",
                   .shallow_bytes = 80});
  }
  return all;
}

NodeInfo make_node_info() {
  NodeInfo info;
  info.pid = 4711;
  info.process_object = Address(0x2f1b3c004119);
  info.platform = "linux";
  info.arch = "x64";
  info.version = "v22.23.3";
  info.versions = {{"node", "22.23.3"}, {"v8", "12.4.254.21-node.33"}};
  info.release = {{"name", "node"}};
  info.exec_path = "/usr/bin/node";
  info.argv = {"/usr/bin/node", "/srv/app/server.js"};
  info.exec_argv = {"--max-old-space-size=512"};
  return info;
}

Callback make_callback(const std::string& name) {
  return {.function = Address(0x2f1b3c005001),
          .name = name,
          .place = {.file = "/srv/app/server.js", .line = 12, .column = 15}};
}

ProcessFacts make_process_facts() {
  ProcessFacts facts;
  facts.title = "server";
  facts.cwd = "/srv/app";
  facts.cwd_source = "PWD at the start";
  facts.environment = {{"API_TOKEN", "abc"}, {"HOME", "/srv"}, {"DB", "pg://me:abc@db/shop"}};
  facts.environment_is_current = true;
  facts.started_at_ms = 1.7e12;
  facts.uptime_at_least_s = 93784.5;
  return facts;
}

ResourceList make_handles() {
  Resource server{
      .isolate = 0, .object = Address(0x2f1b3c006001), .type = "TCP", .resource = "TCPServerWrap"};
  server.add("fd", int64_t{19});
  server.add("listening", true);
  server.add("connecting", false);
  server.add("callback", make_callback("serve"));
  Resource signal{
      .isolate = 1, .object = Address(0x2f1b3c006019), .type = "Signal", .resource = "SignalWrap"};
  signal.add("name", std::string("SIG\x1b[31m"));
  signal.refd = false;
  return {.items = {server, signal}, .problems = {}};
}

std::vector<Timer> make_timers() {
  Timer interval{.object = Address(0x2f1b3c007001), .type = "Timeout"};
  interval.callback = make_callback("sweep");
  interval.delay_ms = interval.repeat_ms = 30000;
  interval.due_in_ms = -4;
  Timer immediate{.kind = TimerKind::kImmediate, .object = Address(0x2f1b3c007019)};
  immediate.refd = false;
  return {interval, immediate};
}

std::vector<LoadedModule> make_modules() {
  LoadedModule module{.object = Address(0x2f1b3c008001),
                      .file = "/srv/node_modules/express/index.js"};
  module.cached = true;
  module.status = "loaded";
  module.children = 1;
  module.package = "express";
  module.package_version = "4.21.2";
  LoadedModule esm{.kind = ModuleKind::kEsm, .object = Address(0x2f1b3c008019)};
  esm.file = "file:///srv/app.mjs";
  return {module, esm};
}

GraphObject make_object(uint64_t address, const std::string& name, uint64_t retained,
                        uint64_t distance) {
  return {.address = Address(address),
          .name = name,
          .shallow_bytes = 96,
          .retained_bytes = retained,
          .distance = distance};
}

GraphObject make_root() {
  return {.name = "(Global handles)", .is_root = true, .owner = "TCP\x1bWrap"};
}

/// A session that a Map and a timer hold, in a circle.
RetainerTree make_retainers() {
  RetainerTree tree{.object = make_object(0x2f1b3c04a9a1, "Session", 4512, 5)};
  tree.rows = {
      {.depth = 1,
       .edge = {EdgeKind::kElement, "17"},
       .holder = make_object(0x3001, "Array", 9000, 4)},
      {.depth = 2,
       .edge = {EdgeKind::kContext, "cache"},
       .holder = make_object(0x3101, "system / Context", 9100, 3),
       .hidden = 12},
      {.depth = 3, .edge = {EdgeKind::kElement, "1"}, .holder = make_root()},
      {.depth = 1,
       .edge = {EdgeKind::kProperty, "my session"},
       .holder = make_object(0x3201, "Timeout", 4600, 6),
       .seen = true},
      {.depth = 1,
       .edge = {EdgeKind::kWeak, "2"},
       .holder = {.address = Address(0x3301), .name = "WeakRef", .retained_bytes = 16}},
  };
  tree.hidden = 3;
  return tree;
}

/// A closure variable of a module, a Map, its table, a session.
RetainingPaths make_paths() {
  RetainingPaths found{.object = make_object(0x2f1b3c04a9a1, "Session", 4512, 5)};
  const std::vector<PathHop> path = {
      {.object = make_root(), .words = "(Global handles) of TCP\x1bWrap"},
      {.object = make_object(0x3101, "system / Context", 9100, 2),
       .edge = {EdgeKind::kContext, "cache"},
       .words = "module ./sessions.js",
       .edge_words = "closure variable cache"},
      {.object = make_object(0x3201, "Map", 9000, 3),
       .edge = {EdgeKind::kInternal, "table"},
       .words = "Map"},
      {.object = make_object(0x3301, "system / OrderedHashMap", 8900, 4),
       .edge = {EdgeKind::kHidden, "7"},
       .edge_words = "value of \"k17\""},
      {.object = found.object, .words = "Session"}};
  std::vector<PathHop> other = {{.object = make_root(), .words = "(Global handles)"},
                                {.object = make_object(0x3401, "Registry", 9100, 9),
                                 .edge = {EdgeKind::kProperty, "list"},
                                 .words = "Registry",
                                 .edge_words = ".list"},
                                {.object = make_object(0x3501, "Array", 9100, 10),
                                 .edge = {EdgeKind::kElement, "17"},
                                 .words = "Array",
                                 .edge_words = "[17]"},
                                {.object = found.object, .words = "Session"}};
  found.paths = {path, other};
  return found;
}

ClassPathRow class_row(size_t depth, const std::string& edge_words, const std::string& words,
                       uint64_t count) {
  return {.depth = depth,
          .edge = {EdgeKind::kProperty, "x"},
          .edge_words = edge_words,
          .object = make_object(0x3001, words, 96, depth),
          .words = words,
          .count = count,
          .retained_bytes = count * 100};
}

/// Most sessions in a Map of a module; some in timers.
ClassPaths make_class_paths() {
  ClassPaths found{.live_count = 5000, .dead_count = 12, .retained_bytes = 500000};
  found.rows = {class_row(0, "", "(Global handles)", 5000),
                class_row(1, "", "module ./sessions.js", 4000),
                class_row(2, "closure variable cache", "Map", 4000),
                class_row(3, "value", "Session", 3000),
                class_row(3, "value", "Array", 900),
                class_row(4, "[*]", "Session", 900),
                class_row(1, "", "Timeout", 1000),
                class_row(2, ".session", "Session", 1000)};
  found.rows[2].hidden = 4;
  found.rows[5].object.name = "\x1b";
  found.rows[5].words = "Sess\x1bion";
  return found;
}

std::vector<NamedRoot> make_roots() {
  using v8::RootCategory;
  return {{.root = {.category = RootCategory::kGlobalHandles,
                    .isolate = 0,
                    .place = Address(0x4001000),
                    .word = 0x2f1b3c04a9a1},
           .type = "JS_API_OBJECT",
           .size_bytes = 96,
           .edge = "1",
           .owner = "TCP\x1BWrap"},
          {.root = {.category = RootCategory::kGlobalHandles,
                    .keeps_alive = false,
                    .weak_edge = true,
                    .isolate = 0,
                    .place = Address(0x4001020),
                    .word = 0x2f1b3c04a9a1},
           .type = "JS_API_OBJECT",
           .size_bytes = 96,
           .edge = "2"},
          {.root = {.category = RootCategory::kStackRoots,
                    .isolate = 1,
                    .place = Address(0x7ffc0010),
                    .word = 0x2f1b3c04b001,
                    .thread_id = 4712},
           .type = "JS_OBJECT",
           .size_bytes = 24,
           .edge = "1",
           .owner = "thread 4712, frame #3 handler"}};
}

DominatorRows make_dominators() {
  DominatorRows found{.total_bytes = 18000};
  found.rows = {
      {.depth = 0, .object = {.name = "(root)", .is_root = true, .retained_bytes = 18000}},
      {.depth = 1, .object = make_object(0x3201, "Map", 9000, 3)},
      {.depth = 2,
       .object = make_object(0x3301, "system / OrderedHashMap", 8900, 4),
       .rest = {.count = 412000,
                .retained_bytes = 8000,
                .commonest = "Session",
                .commonest_count = 412000}},
      {.depth = 1, .object = make_object(0x3401, "Regi\x1bstry", 200, 2)}};
  found.rows[0].rest = {
      .count = 30, .retained_bytes = 500, .commonest = "Object", .commonest_count = 20};
  return found;
}

void fill(FakeTarget& target) {
  target.process = make_process();
  target.versions = {.node = "22.23.3", .v8 = "12.4.254.21-node.33"};
  target.census = make_census();
  target.instances = {{"Class_B", make_instances(10)}};
  target.functions = {{.shared = Address(0x7001),
                       .name = "onIdle",
                       .definition = {.file = "/srv/session.js", .line = 41, .column = 16},
                       .count = 5210,
                       .shallow_bytes = 333440,
                       .sample = Address(0x2f1b3c0517b1)},
                      {.shared = Address(0x7101),
                       .name = "",
                       .definition = {},
                       .count = 12,
                       .shallow_bytes = 768,
                       .sample = Address(0x2f1b3c04aa09)}};
  target.retainers = make_retainers();
  target.paths = make_paths();
  target.class_paths = make_class_paths();
  target.dominators = make_dominators();
  target.retention = {.retained_bytes = 4512, .distance = 5};
  target.roots = make_roots();
  target.asked_liveness = {};
  target.asked_retainers = {};
  target.asked_paths = 0;
  target.asked_class_paths = {};
  target.asked_dominators = {};
  target.strings = {};
  target.strings.hits = {{.address = Address(0x2f1b3c04a9a1),
                          .representation = "sequential",
                          .length = 19,
                          .shallow_bytes = 40,
                          .position = 5,
                          .before = "\x1b",
                          .hit = "order=17",
                          .after = "842",
                          .begins = true}};
  target.strings.total = 3;
  target.duplicates = {};
  target.duplicates.rows = {
      {.sample = Address(0x2f1b3c04a9a1),
       .length = 16,
       .count = 100,
       .bytes = 3200,
       .waste_bytes = 3168},
      {.sample = Address(0x2f1b3c04aa09), .length = 2, .count = 2, .bytes = 48, .waste_bytes = 24}};
  target.duplicates.compared = 200;
  target.duplicates.copies = 100;
  target.duplicates.waste_bytes = 3192;
  target.duplicates.compared_bytes = 6400;
  target.duplicates.cons = 7;
  target.place = {};
  target.async = {};
  target.async.pending_promises = 15000;
  target.async.chains = {{.steps = {{.kind = AsyncKind::kPromise, .object = Address(0x1001)},
                                    {.kind = AsyncKind::kAsyncFunction,
                                     .object = Address(0x2001),
                                     .name = "query",
                                     .position = {"/srv/db.js", 12, 16},
                                     .definition = {"/srv/db.js", 10, 21}}},
                          .count = 5000}};
  target.snapshot = {};
  target.snapshot.live_bytes = 10 << 20;
  target.snapshot.coverage = target.census.coverage;
  target.snapshot.file.written_bytes = 1500000;
  SnapshotStatistics& snapshot = target.snapshot.file.statistics;
  snapshot.nodes = 133690;
  snapshot.edges = 526541;
  snapshot.locations = 35243;
  snapshot.strings = 20000;
  snapshot.text_bytes = 11930263;
  snapshot.string_bytes = 2000000;
  target.snapshot_options = {};
  target.snapshot_ids = {{262171, {.object = 0x2f1b3c04a9a1}},
                         {262172, {.object = 0x2f1b3c04a9a1, .native = true}}};
  target.isolates = {{.index = 0,
                      .role = IsolateRole::kMain,
                      .address = Address(0x5d0c000),
                      .heap = Address(0x5d0cdb0),
                      .thread_id = 4711,
                      .pages = 11,
                      .committed_bytes = 11 << 18},
                     {.index = 1,
                      .role = IsolateRole::kWorker,
                      .address = Address(0x7f10000),
                      .heap = Address(0x7f10db0),
                      .thread_id = {},
                      .pages = 1,
                      .committed_bytes = 1 << 18}};
  target.spaces = {{.isolate = 0, .name = "old", .pages = 11, .committed_bytes = 11 << 18},
                   {.isolate = {}, .name = "read-only", .pages = 1, .committed_bytes = 1 << 18}};
  target.node_info = make_node_info();
  target.process_facts = make_process_facts();
  target.handles = make_handles();
  target.timers = make_timers();
  target.modules = make_modules();
  target.doctor = {.layout = "V8 12.4 (Node 22)",
                   .source = "built in",
                   .checks = {{.name = "meta map", .passed = true, .detail = "1203 of 1203"}},
                   .notes = {},
                   .coverage = target.census.coverage};
  target.memory = make_memory();
  target.opened_with = {};
}

}  // namespace

FakeTarget& fake_target() {
  static FakeTarget target = [] {
    FakeTarget fresh;
    fill(fresh);
    return fresh;
  }();
  return target;
}

void reset_fake_target() { fill(fake_target()); }

}  // namespace test

using test::fake_target;

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

std::unique_ptr<Session> Session::open(const SessionOptions& options, Progress& /*progress*/) {
  fake_target().opened_with = options;
  if (options.core.filename() == "missing") {
    throw Failure(ExitCode::kUsage, options.core.string() + ": no such file.");
  }
  return std::unique_ptr<Session>(new Session(nullptr));
}

std::unique_ptr<Session> Session::open(HostTarget /*target*/, const SessionOptions& options,
                                       Progress& progress) {
  return open(options, progress);
}

const ProcessInfo& Session::process() const { return fake_target().process; }
const AddressSpace& Session::memory() const { return *fake_target().memory; }
std::optional<EndReason> Session::end_reason() const { return fake_target().end_reason; }
RuntimeVersions Session::versions(Progress& /*progress*/) { return fake_target().versions; }

const Census& Session::census(const CensusOptions& options, Progress& /*progress*/) {
  fake_target().asked_liveness = options.liveness;
  return fake_target().census;
}

InstancePage Session::instances(std::string_view name, const InstanceQuery& query,
                                Progress& /*progress*/) {
  const std::vector<Instance>& all = fake_target().instances[std::string(name)];
  InstancePage page{.total = all.size(), .instances = {}};
  const size_t begin = std::min<size_t>(query.skip, all.size());
  const size_t size =
      query.limit == 0 ? all.size() - begin : std::min<size_t>(query.limit, all.size() - begin);
  for (size_t i = begin; i < begin + size; ++i) page.instances.push_back(all[i]);
  return page;
}

FunctionReport Session::functions(std::optional<v8::IsolateIndex> /*isolate*/,
                                  Progress& /*progress*/) {
  return {.rows = fake_target().functions,
          .extent = {.coverage = fake_target().census.coverage, .interrupted = false}};
}
ClosureLists Session::closures(const std::set<Address>& definitions,
                               std::optional<v8::IsolateIndex> /*isolate*/,
                               Progress& /*progress*/) {
  ClosureLists lists;
  for (const FunctionRow& row : fake_target().functions) {
    if (definitions.contains(row.shared)) lists[row.shared] = {row.sample};
  }
  return lists;
}

StringSearch Session::strings(const StringQuery& query, Progress& /*progress*/) {
  if (query.is_regex && query.pattern == "(")
    throw std::regex_error(std::regex_constants::error_paren);
  return fake_target().strings;
}
DuplicateReport Session::duplicate_strings(const DuplicateQuery& /*query*/,
                                           Progress& /*progress*/) {
  return fake_target().duplicates;
}

AddressInfo Session::whatis(Address address, Progress& /*progress*/) {
  AddressInfo info = fake_target().place;
  info.address = address;
  return info;
}
std::optional<SourceListing> Session::source(const SourceQuery& query, Progress& /*progress*/) {
  if (query.function == 1) return {};
  SourceListing listing{
      .function = "handle", .file = "/srv/app.js", .begin_line = 20, .end_line = 30};
  listing.first_line = query.first_line.value_or(listing.begin_line);
  const uint32_t end = std::min(listing.first_line + query.count.value_or(11), 31U);
  for (uint32_t line = listing.first_line; line < end; ++line) {
    listing.lines.push_back(fmt::format("line \x1b{}", line));
  }
  return listing;
}
AsyncReport Session::async_chains(std::optional<v8::IsolateIndex> /*isolate*/,
                                  Progress& /*progress*/) {
  return fake_target().async;
}

Value Session::inspect(uint64_t word, const InspectOptions& options, Progress& /*progress*/) {
  const auto found = fake_target().values.find(word);
  if (found == fake_target().values.end()) return {.text = "<unreadable: bad value>"};
  Value value = found->second;
  if (options.depth == 0) value.sections.clear();
  return value;
}

std::optional<RetainerTree> Session::retainers(uint64_t /*word*/, const RetainerQuery& query,
                                               Progress& /*progress*/) {
  fake_target().asked_retainers = query;
  return fake_target().retainers;
}
std::optional<RetainingPaths> Session::retaining_paths(uint64_t /*word*/, uint64_t limit,
                                                       Progress& /*progress*/) {
  fake_target().asked_paths = limit;
  return fake_target().paths;
}
ClassPaths Session::class_paths(const ClassPathQuery& query, Progress& /*progress*/) {
  fake_target().asked_class_paths = query;
  return fake_target().class_paths;
}
std::optional<DominatorRows> Session::dominators(const DominatorQuery& query,
                                                 Progress& /*progress*/) {
  fake_target().asked_dominators = query;
  return fake_target().dominators;
}
std::optional<Retention> Session::retention(uint64_t /*word*/, Progress& /*progress*/) {
  return fake_target().retention;
}

std::vector<IsolateSummary> Session::isolates(Progress& /*progress*/) {
  return fake_target().isolates;
}
SpacesReport Session::spaces(std::optional<v8::IsolateIndex> /*isolate*/, Progress& /*progress*/) {
  return {.spaces = fake_target().spaces, .coverage = fake_target().census.coverage};
}
std::vector<ThreadStack> Session::stacks(Progress& /*progress*/) { return {}; }
std::vector<NamedRoot> Session::roots(Progress& /*progress*/) { return fake_target().roots; }
SnapshotSummary Session::write_snapshot(const SnapshotOptions& options, Progress& /*progress*/) {
  fake_target().snapshot_options = options;
  return fake_target().snapshot;
}
std::optional<SnapshotPlace> Session::find_snapshot_id(uint32_t id, Progress& /*progress*/) {
  const auto found = fake_target().snapshot_ids.find(id);
  if (found == fake_target().snapshot_ids.end()) return {};
  return found->second;
}
std::vector<Holder> Session::references(const ReferenceQuery& query, Progress& /*progress*/) {
  return fake_target()
      .holders[query.kind == ReferenceQuery::Kind::kValue ? fmt::format("0x{:x}", query.word)
                                                          : query.text];
}
RootPaths Session::root_paths(const ReferenceQuery& query, Progress& progress) {
  RootPaths paths;
  for (Holder& holder : references(query, progress)) {
    paths.steps.push_back({.holder = std::move(holder)});
  }
  paths.start_count = paths.steps.size();
  return paths;
}
NodeInfo Session::node_info(Progress& /*progress*/) { return fake_target().node_info; }
ProcessFacts Session::process_facts(Progress& /*progress*/) { return fake_target().process_facts; }
ResourceList Session::handles(Progress& /*progress*/) { return fake_target().handles; }
ResourceList Session::requests(Progress& /*progress*/) { return fake_target().requests; }
std::vector<Timer> Session::timers(Progress& /*progress*/) { return fake_target().timers; }
std::vector<LoadedModule> Session::modules(Progress& /*progress*/) { return fake_target().modules; }
DoctorReport Session::doctor(Progress& /*progress*/) { return fake_target().doctor; }

}  // namespace corewalk
