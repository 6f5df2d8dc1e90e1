#include "session/holder_finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failure.h"
#include "stack/frame_place.h"

namespace corewalk {
namespace {

/// Threads whose stacks V8 takes for roots. Those that only work for it, as on a collection, keep
/// nothing alive.
std::vector<ThreadInfo> javascript_threads(const ProcessInfo& process,
                                           const std::vector<ThreadStack>& stacks) {
  std::vector<ThreadInfo> chosen;
  for (const ThreadInfo& thread : process.threads) {
    const bool runs_isolate = std::any_of(stacks.begin(), stacks.end(), [&](const ThreadStack& s) {
      return s.thread_id == thread.tid && s.isolate;
    });
    if (runs_isolate || thread.tid == process.pid) chosen.push_back(thread);
  }
  return chosen;
}

}  // namespace

HolderFinder::HolderFinder(const v8::Heap& heap, const ProcessInfo& process,
                           const std::vector<ThreadStack>& stacks, Progress& progress)
    : stacks_(stacks),
      index_(ReferenceIndex::build(heap, progress)),
      roots_(v8::find_roots(heap, javascript_threads(process, stacks))),
      finder_(heap, index_, roots_) {
  if (!index_.complete()) throw Failure(ExitCode::kPartial, "interrupted");
}

/// Says of a word on a stack in whose call it lies.
void HolderFinder::name_frame(Holder& holder) const {
  if (!holder.root || holder.root->kind != v8::RootKind::kStack) return;
  for (const ThreadStack& stack : stacks_) {
    if (stack.thread_id != holder.root->thread_id) continue;
    if (const auto frame = frame_at(stack, holder.address)) {
      const StackFrame& call = stack.frames[*frame];
      holder.label += fmt::format(", frame #{}", *frame);
      if (!call.name.empty()) holder.label += " " + call.name;
    }
  }
}

std::vector<Holder> HolderFinder::find(const ReferenceQuery& query, Progress& progress) const {
  switch (query.kind) {
    case ReferenceQuery::Kind::kValue:
      return finder_.to_value(v8::untag(query.word), query.limit);
    case ReferenceQuery::Kind::kProperty:
      return finder_.by_property(query.text, query.limit, progress);
    case ReferenceQuery::Kind::kString:
      return finder_.to_string(query.text, query.limit, progress);
  }
  return {};
}

std::vector<Holder> HolderFinder::holders(const ReferenceQuery& query, Progress& progress) const {
  std::vector<Holder> found = find(query, progress);
  for (Holder& holder : found) name_frame(holder);
  return found;
}

RootPaths HolderFinder::root_paths(const ReferenceQuery& query, Progress& progress) const {
  RootPaths paths = find_root_paths(finder_, find(query, progress), progress);
  for (PathStep& step : paths.steps) name_frame(step.holder);
  return paths;
}

}  // namespace corewalk
