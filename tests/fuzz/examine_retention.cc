#include "fuzz/examine_retention.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace corewalk::fuzz {
namespace {

constexpr uint64_t kLimit = 10;
constexpr uint64_t kDepth = 6;
constexpr size_t kNames = 4;

void check_object(const GraphObject& object) {
  require(object.retained_bytes >= object.shallow_bytes, "what is kept holds itself");
  require(object.is_root || !object.distance || *object.distance != 0, "roots alone are at 0");
}

void check_live_and_dead(const Census& all, const Census& live, const Census& dead) {
  require(live.object_count + dead.object_count == all.object_count, "each object is live or dead");
  for (const CensusRow& row : live.rows) {
    require(row.retained_bytes >= row.shallow_bytes, "a row retains itself");
    require(row.count <= live.object_count, "a row counts live objects");
  }
}

void ask_of_object(Session& session, uint64_t word, Progress& progress) {
  const auto retention = session.retention(word, progress);
  const auto tree =
      session.retainers(word, {.depth = kDepth, .limit = kLimit, .weak = false}, progress);
  const auto found = session.retaining_paths(word, kLimit, progress);
  const auto below = session.dominators(
      {.word = word, .isolate = {}, .depth = kDepth, .limit = kLimit, .min_bytes = 1}, progress);
  require(retention.has_value() == tree.has_value() && tree.has_value() == found.has_value() &&
              found.has_value() == below.has_value(),
          "all find the object, or none");
  if (!retention) return;
  require(retention->is_live == tree->is_live && tree->is_live == found->is_live &&
              found->is_live == below->is_live,
          "all say that it lives, or none");
  for (const RetainerRow& row : tree->rows) {
    require(row.depth >= 1 && row.depth <= kDepth, "no retainer is deeper than asked for");
    check_object(row.holder);
  }
  require(found->is_live || found->paths.empty(), "nothing holds the dead");
  for (const auto& path : found->paths) {
    require(!path.empty() && path.back().object.address == found->object.address,
            "a path ends at what was asked about");
  }
  for (const DominatorRow& row : below->rows) {
    require(row.object.retained_bytes <= below->rows.front().object.retained_bytes,
            "nothing below an object is larger than it");
  }
}

void ask_of_class(Session& session, const std::string& name, Progress& progress) {
  const ClassPaths paths = session.class_paths(
      {.name = name, .isolate = {}, .depth = 0, .limit = kLimit, .least_share = 0}, progress);
  uint64_t begun = 0;
  for (const ClassPathRow& row : paths.rows) {
    require(row.count <= paths.live_count, "no step has more instances than there are");
    require(row.retained_bytes <= paths.retained_bytes, "no step retains more than all");
    begun += row.depth == 0 ? row.count : 0;
  }
  require(begun <= paths.live_count, "an instance has one shortest path");
}

}  // namespace

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "invariant broken: %s\n", what);
  std::abort();
}

void examine_retention(Session& session, const Census& census, Progress& progress) {
  (void)session.roots(progress);
  const Census live =
      session.census({.isolate = {}, .shapes = false, .liveness = Liveness::kLive}, progress);
  const Census dead =
      session.census({.isolate = {}, .shapes = false, .liveness = Liveness::kDead}, progress);
  check_live_and_dead(census, live, dead);
  size_t asked = 0;
  for (const Census* part : {&live, &dead}) {
    for (const CensusRow& row : part->rows) {
      if (row.kind != RowKind::kJavaScript || ++asked % kNames != 0) continue;
      ask_of_object(session, row.sample.value(), progress);
      ask_of_class(session, row.name, progress);
    }
  }
  const auto all = session.dominators(
      {.word = {}, .isolate = {}, .depth = kDepth, .limit = kLimit, .min_bytes = 0}, progress);
  require(all && !all->rows.empty(), "the root dominates something");
  const SnapshotSummary written = session.write_snapshot(
      {.file = {.path = "/dev/null", .string_limit = kLimit, .redact = true}, .isolate = 0},
      progress);
  require(written.file.written_bytes != 0, "a snapshot is written");
  (void)session.write_snapshot({.file = {.path = "/dev/null", .string_limit = {}, .redact = false},
                                .isolate = 0,
                                .prune_bytes = 1024},
                               progress);
}

}  // namespace corewalk::fuzz
