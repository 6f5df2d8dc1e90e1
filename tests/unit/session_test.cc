// From a process to answers, on the sample heap of every layout.

#include "session/session.h"

#include <numeric>

#include "base/failure.h"
#include "report/snapshot_ids.h"
#include "session/snapshot_pages.h"
#include "support/catch.h"
#include "support/layout_cases.h"
#include "support/sample_heap.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::HeapBuilder;

/// Symbols that state a version of V8, in memory that holds it.
class VersionSymbols final : public SymbolSource {
 public:
  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override {
    if (name == "_ZN2v88internal7Version6major_E") return Symbol{name, kNumbers, 4};
    if (name == "_ZN2v88internal7Version6minor_E") return Symbol{name, kNumbers + 4, 4};
    return {};
  }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view /*prefix*/) const override {
    return {};
  }
  [[nodiscard]] bool has_full_symbols() const override { return false; }

  static constexpr Address kNumbers{0x400000};
};

HostTarget target_of(HeapBuilder& build, std::unique_ptr<SymbolSource> symbols) {
  return {.memory = build.memory(), .symbols = std::move(symbols), .process = {}};
}

std::unique_ptr<Session> open(HeapBuilder& build, std::unique_ptr<SymbolSource> symbols) {
  NoProgress progress;
  return Session::open(target_of(build, std::move(symbols)), {}, progress);
}

const CensusRow* row_of(const Census& census, std::string_view name) {
  for (const CensusRow& row : census.rows) {
    if (row.name == name && row.kind == RowKind::kJavaScript) return &row;
  }
  return nullptr;
}

TEST_CASE("the census counts instances by constructor, and every byte once", "[session]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  NoProgress progress;
  const auto session = open(build, std::make_unique<NoSymbols>());
  const Census& census = session->census({.isolate = {}, .shapes = true}, progress);
  REQUIRE(row_of(census, "Point"));
  CHECK(row_of(census, "Point")->count == 6);  // and not the prototype object
  CHECK(row_of(census, "Point")->self_bytes == uint64_t{6} * 5 * 8);
  REQUIRE(row_of(census, "Derived"));
  CHECK(row_of(census, "Derived")->shallow_bytes ==
        uint64_t{4} * 8 + 16 + uint64_t{3} * 8);  // its store
  REQUIRE(row_of(census, "Tagged"));
  CHECK(row_of(census, "Tagged")->count == 1);
  REQUIRE(row_of(census, "ArrayBuffer"));
  CHECK(row_of(census, "ArrayBuffer")->external_bytes == test::kSampleBufferBytes);
  CHECK(row_of(census, "(string)")->external_bytes == test::kSampleExternalUnits);
  CHECK(row_of(census, "(prototype)")->count == 3);
  const uint64_t sum = std::accumulate(
      census.rows.begin(), census.rows.end(), uint64_t{0},
      [](uint64_t bytes, const CensusRow& row) { return bytes + row.shallow_bytes; });
  CHECK(sum == census.coverage.object_bytes);
  CHECK(census.coverage.complete());
}

TEST_CASE("the instances listed are those the census counts", "[session]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  NoProgress progress;
  const auto session = open(build, std::make_unique<NoSymbols>());
  const InstancePage page =
      session->instances("Point", {.isolate = {}, .skip = 4, .limit = 1}, progress);
  CHECK(page.total == 6);
  REQUIRE(page.instances.size() == 1);
  CHECK(page.instances[0].description == "<Object: Point>");
  CHECK(session->instances("Nobody", {}, progress).total == 0);
}

TEST_CASE("Node's process object is found and read", "[session]") {
  HeapBuilder build(test::each_layout());
  const auto sample = test::add_sample_objects(build);
  NoProgress progress;
  const auto session = open(build, std::make_unique<NoSymbols>());
  const NodeInfo info = session->node_info(progress);
  CHECK(info.process_object == Address(v8::tag(sample.process)));
  CHECK(info.version == "v1.2.3");
  CHECK(info.platform == "linux");
  CHECK(info.argv == std::vector<std::string>{"/usr/bin/node", "server.js"});
  CHECK(info.versions.at("uv") == "uv");
  CHECK(info.unreadable.empty());
  CHECK(session->versions(progress).node == "1.2.3");
}

TEST_CASE("a V8 that no layout describes is named, with what to do", "[session]") {
  HeapBuilder build(*test::all_layouts().front());
  build.add_block(VersionSymbols::kNumbers, 8);
  build.write(VersionSymbols::kNumbers, int32_t{99});
  build.write(VersionSymbols::kNumbers + 4, int32_t{9});
  // Nothing here that a layout could fit.
  build.set_root("meta_map", 0);
  NoProgress progress;
  const auto session = open(build, std::make_unique<VersionSymbols>());
  try {
    (void)session->census({}, progress);
    FAIL("an unknown V8 was accepted");
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUnsupported);
    CHECK_THAT(failure.what(), test::contains_text("99.9"));
    CHECK_THAT(failure.what(), test::contains_text("--layout FILE"));
  }
  CHECK_FALSE(session->doctor(progress).healthy());
}

TEST_CASE("a truncated core without its heap is a partial answer, not an unsupported target",
          "[session]") {
  HeapBuilder build(*test::all_layouts().front());
  build.set_root("meta_map", 0);
  HostTarget target = target_of(build, std::make_unique<NoSymbols>());
  target.process.core_truncated = true;
  NoProgress progress;
  const auto session = Session::open(std::move(target), {}, progress);
  try {
    (void)session->census({}, progress);
    FAIL("a heap was found that is not there");
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kPartial);
    CHECK_THAT(failure.what(), test::contains_text("truncated"));
  }
}

TEST_CASE("the ids of a snapshot lead back to objects", "[session]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  NoProgress progress;
  const auto session = open(build, std::make_unique<NoSymbols>());
  const Address object(session->instances("Point", {}, progress).instances.at(0).address);
  const test::FoundHeap heap(build);
  const SnapshotIds ids(snapshot_pages(*heap));
  const auto page = static_cast<size_t>(heap->page_of(object) - heap->pages().data());
  const uint32_t id = ids.object_id(page, v8::untag(object.value()));
  const auto place = session->find_snapshot_id(id, progress);
  REQUIRE(place);
  CHECK(place->object == object.value());
  CHECK_FALSE(place->native);
  REQUIRE(session->find_snapshot_id(SnapshotIds::native_id(id), progress));
  CHECK(session->find_snapshot_id(SnapshotIds::native_id(id), progress)->native);
  CHECK_FALSE(session->find_snapshot_id(id + 2, progress));  // inside of it
  CHECK_FALSE(session->find_snapshot_id(1, progress));
}

TEST_CASE("a session that expects one question answers a second", "[session]") {
  HeapBuilder build(test::each_layout());
  test::add_sample_objects(build);
  NoProgress progress;
  SessionOptions options;
  options.one_question = true;
  const auto session =
      Session::open(target_of(build, std::make_unique<NoSymbols>()), options, progress);
  CensusOptions dead;
  dead.liveness = Liveness::kDead;
  const uint64_t count = session->census(dead, progress).object_count;
  CHECK(count > 0);
  const Address object(session->instances("Point", {}, progress).instances.at(0).address);
  const auto tree = session->retainers(object.value(), {.depth = 1}, progress);
  REQUIRE(tree);
  CHECK_FALSE(tree->is_live);
  CHECK(session->census(dead, progress).object_count == count);
}

}  // namespace
}  // namespace corewalk
