#include "fuzz/examine.h"

#include "base/failure.h"
#include "fuzz/examine_retention.h"
#include "v8/tagged.h"

namespace corewalk::fuzz {
namespace {

constexpr uint64_t kInstances = 20;
constexpr size_t kNames = 2;

void check_labels(const Coverage& c) {
  require(c.page_bytes == c.object_bytes + c.filler_bytes + c.free_bytes + c.unused_bytes +
                              c.unswept_bytes + c.damaged_bytes + c.missing_bytes,
          "labels add up to the bytes of the pages");
}

void check_census(const Census& census) {
  check_labels(census.coverage);
  require(census.object_bytes == census.coverage.object_bytes, "every object is in a row");
  uint64_t shallow = 0;
  uint64_t self = 0;
  uint64_t count = 0;
  for (const CensusRow& row : census.rows) {
    shallow += row.shallow_bytes;
    self += row.self_bytes;
    count += row.count;
    require(row.self_bytes <= row.shallow_bytes, "an object is no smaller than itself");
    require(row.shallow_bytes <= census.coverage.page_bytes, "a row fits the pages");
    require(row.count <= census.object_count, "a row counts objects that are there");
  }
  require(self <= census.object_bytes, "the objects of all rows fit the pages");
  require(count <= census.object_count, "no object is counted twice");
  require(shallow == census.object_bytes, "rows add up to the bytes of all objects");
}

/// The object, and the words of it: most of them are addresses, of which not all are of objects.
void inspect_around(Session& session, const Instance& instance, Progress& progress) {
  constexpr uint64_t kWords = 4;
  const InspectOptions options{.depth = 3, .map = true, .fields = true, .source = true};
  for (uint64_t i = 0; i < kWords; ++i) {
    const uint64_t address = instance.address.value() + i * v8::kWordBytes;
    const Value value = session.inspect(address, options, progress);
    require(value.kind != ValueKind::kUnreadable || value.sections.empty(),
            "what is no object has nothing in it");
  }
}

/// Whatever searches the heap or follows it on its own.
void search_all(Session& session, Progress& progress) {
  const FunctionReport functions = session.functions({}, progress);
  check_labels(functions.extent.coverage);
  for (const FunctionRow& row : functions.rows) {
    (void)session.source({.function = row.shared.value()}, progress);
  }
  const StringSearch found = session.strings({.pattern = "a", .limit = kInstances}, progress);
  require(found.total >= found.hits.size(), "no more strings are shown than there are");
  (void)session.strings({.pattern = "[a-z]+", .is_regex = true, .limit = kInstances}, progress);
  const DuplicateReport copies = session.duplicate_strings({}, progress);
  require(copies.waste_bytes <= copies.compared_bytes, "copies are no more than all strings");
  for (const AsyncChain& chain : session.async_chains({}, progress).chains) {
    require(!chain.steps.empty() && chain.count != 0, "a chain has a bottom");
  }
}

void locate_around(Session& session, Address address, Progress& progress) {
  for (const uint64_t distance : {0, 1, 7, 8, 4096, 1 << 18}) {
    const AddressInfo info = session.whatis(address + distance, progress);
    const bool is_in_range =
        !info.heap || info.heap->range.empty() || info.heap->range.contains(info.address);
    require(is_in_range, "what an address lies in holds it");
  }
}

void ask_all(Session& session, Progress& progress) {
  (void)session.isolates(progress);
  for (const SpaceSummary& space : session.spaces({}, progress).spaces) {
    require(space.committed_bytes >= space.used_bytes + space.free_bytes + space.unused_bytes +
                                         space.damaged_bytes + space.missing_bytes,
            "a space holds no more than it committed");
  }
  const Census& census = session.census({.isolate = {}, .shapes = true}, progress);
  check_census(census);
  check_labels(session.census({.isolate = 0, .shapes = false}, progress).coverage);
  size_t asked = 0;
  for (const CensusRow& row : census.rows) {
    if (row.kind != RowKind::kJavaScript || ++asked > kNames) continue;
    const InstancePage page =
        session.instances(row.name, {.isolate = {}, .skip = 0, .limit = kInstances}, progress);
    require(page.total >= page.instances.size(), "no more instances are shown than there are");
    require(page.total >= row.count, "every counted instance can be listed");
    for (const Instance& instance : page.instances) {
      inspect_around(session, instance, progress);
      locate_around(session, instance.address, progress);
    }
  }
  search_all(session, progress);
  examine_retention(session, census, progress);
  (void)session.node_info(progress);
  (void)session.stacks(progress);
}

}  // namespace

bool examine(Session& session, Progress& progress) {
  const DoctorReport report = session.doctor(progress);
  check_labels(report.coverage);
  (void)session.versions(progress);
  try {
    ask_all(session, progress);
  } catch (const Failure& failure) {
    require(failure.code() == ExitCode::kUnsupported, "damage is no error of the user's");
    return false;
  }
  return true;
}

}  // namespace corewalk::fuzz
