#include "analysis/async_chain_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "analysis/promise_waiters.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;

namespace {

constexpr size_t kMaxSteps = 1000;
/// Ends of chains that are looked at: waiters that branch and meet again have endless many.
constexpr uint64_t kMaxChains = 1'000'000;
/// Of all chains together; and waiters that are kept at a time.
constexpr uint64_t kMaxTotalSteps = 20'000'000;
constexpr uint64_t kMaxHeldWaiters = 1'000'000;

/// A visitor of scan_heap() that collects promises and the functions that settle them.
class AsyncVisitor {
 public:
  enum class Role : uint8_t { kUnknown, kPromise, kAsyncFunction, kOther };
  struct MapData {
    Role role = Role::kUnknown;
  };
  using Maps = v8::MapTable<MapData>;

  explicit AsyncVisitor(const v8::Heap& heap) : heap_(heap) {}

  void object(Address address, Maps::Entry& map, uint64_t /*size*/, const std::byte* /*bytes*/) {
    Role& role = map.data.role;
    if (role == Role::kUnknown) role = role_of(map.info);
    if (role == Role::kOther) return;
    const auto view = ObjectView::load(heap_, address);
    if (!view) return;
    if (role == Role::kPromise) {
      if (is_pending(*view)) pending.push_back(address);
      return;
    }
    const auto promise = view->object("promise");
    if (promise) functions.emplace_back(promise->address(), address);
  }

  std::vector<Address> pending;
  std::vector<std::pair<Address, Address>> functions;  ///< by their promises

 private:
  static Role role_of(const v8::MapInfo& map) {
    if (map.type->name == "JS_PROMISE") return Role::kPromise;
    return map.type->name == "JS_ASYNC_FUNCTION_OBJECT" ? Role::kAsyncFunction : Role::kOther;
  }

  const v8::Heap& heap_;
};

/// Follows the chains from each promise at their bottom.
class ChainWalker {
 public:
  ChainWalker(const v8::Heap& heap, std::unordered_map<Address, Address> functions,
              AsyncReport& report)
      : heap_(heap), waiters_(heap), functions_(std::move(functions)), report_(report) {}

  void walk_all(const std::vector<Address>& pending, Progress& progress) {
    std::unordered_set<Address> settled_by_others;
    for (const Address promise : pending) {
      for (const PromiseWaiter& waiter : waiters_.of(promise)) {
        if (waiter.next && *waiter.next != promise) settled_by_others.insert(*waiter.next);
      }
    }
    // First the promises that no other one settles; what is left then goes in circles.
    for (const bool bottom : {true, false}) {
      for (const Address promise : pending) {
        if (progress.interrupted() || is_spent()) break;
        const bool skipped = bottom ? settled_by_others.contains(promise) : seen_.contains(promise);
        if (!skipped) walk(promise);
      }
    }
    report_.is_cut = is_spent();
    for (auto& [key, chain] : folded_) report_.chains.push_back(std::move(chain));
    std::stable_sort(report_.chains.begin(), report_.chains.end(),
                     [](const AsyncChain& a, const AsyncChain& b) { return a.count < b.count; });
  }

 private:
  /// A promise on the path that is followed, and which of its waiters come next.
  struct Level {
    Address promise;
    std::vector<PromiseWaiter> waiters;
    size_t next = 0;
    size_t steps = 0;  ///< of the path up to this promise
  };

  void walk(Address bottom) {
    AsyncChain chain;
    chain.steps.push_back(bottom_step(bottom));
    std::vector<Level> path;
    std::unordered_set<Address> on_path;
    held_waiters_ = 0;
    enter(bottom, path, on_path, chain);
    const bool waits = !path.back().waiters.empty();
    const bool is_function = chain.steps.front().kind == AsyncKind::kAsyncFunction;
    if (!waits && !is_function) return;
    if (!waits) add(chain);
    while (!path.empty() && !is_spent()) {
      Level& level = path.back();
      chain.steps.resize(level.steps);
      if (level.next == level.waiters.size()) {
        on_path.erase(level.promise);
        held_waiters_ -= level.waiters.size();
        path.pop_back();
        continue;
      }
      const PromiseWaiter waiter = level.waiters[level.next++];
      if (waiter.step) chain.steps.push_back(*waiter.step);
      const bool may_go_on = path.size() < kMaxSteps && held_waiters_ < kMaxHeldWaiters;
      if (waiter.next && !on_path.contains(*waiter.next) && may_go_on) {
        enter(*waiter.next, path, on_path, chain);
        if (path.back().waiters.empty()) add(chain);
        continue;
      }
      chain.is_cycle = waiter.next && on_path.contains(*waiter.next);
      chain.is_cut = waiter.next && !chain.is_cycle;
      add(chain);
      chain.is_cycle = chain.is_cut = false;
    }
  }

  [[nodiscard]] bool is_spent() const {
    return chains_ >= kMaxChains || steps_ >= kMaxTotalSteps || waiters_.is_spent();
  }

  void enter(Address promise, std::vector<Level>& path, std::unordered_set<Address>& on_path,
             const AsyncChain& chain) {
    seen_.insert(promise);
    on_path.insert(promise);
    path.push_back({.promise = promise,
                    .waiters = waiters_.of(promise),
                    .next = 0,
                    .steps = chain.steps.size()});
    held_waiters_ += path.back().waiters.size();
  }

  /// The promise of an async function that runs, or is to be resumed at once, stands for it.
  [[nodiscard]] AsyncStep bottom_step(Address promise) {
    const auto function = functions_.find(promise);
    if (function != functions_.end()) {
      const auto view = ObjectView::load(heap_, function->second);
      if (view) return waiters_.step_of(*view);
    }
    return {.kind = AsyncKind::kPromise, .object = Address(v8::tag(promise))};
  }

  void add(const AsyncChain& chain) {
    ++chains_;
    steps_ += chain.steps.size();
    std::string key = chain.is_cycle ? "cycle" : chain.is_cut ? "cut" : "";
    for (const AsyncStep& step : chain.steps) {
      key += fmt::format("\n{} {} {} {}", static_cast<int>(step.kind), step.name,
                         step.position.text(), step.definition.text());
    }
    AsyncChain& known = folded_[key];
    if (known.count == 0) known = chain;
    ++known.count;
  }

  const v8::Heap& heap_;
  PromiseWaiters waiters_;
  std::unordered_map<Address, Address> functions_;
  AsyncReport& report_;
  std::unordered_set<Address> seen_;
  std::map<std::string, AsyncChain> folded_;
  uint64_t chains_ = 0;
  uint64_t steps_ = 0;
  uint64_t held_waiters_ = 0;
};

}  // namespace

AsyncReport find_async_chains(const v8::Heap& heap, std::optional<v8::IsolateIndex> isolate,
                              Progress& progress) {
  AsyncReport report;
  std::vector<Address> pending;
  std::unordered_map<Address, Address> functions;
  report.extent = scan_heap<AsyncVisitor>(
      heap, isolate, "looking for promises", progress, [&] { return AsyncVisitor(heap); },
      [&](const AsyncVisitor& visitor) {
        pending.insert(pending.end(), visitor.pending.begin(), visitor.pending.end());
        functions.insert(visitor.functions.begin(), visitor.functions.end());
      });
  std::sort(pending.begin(), pending.end());
  report.pending_promises = pending.size();
  ChainWalker(heap, std::move(functions), report).walk_all(pending, progress);
  report.extent.interrupted = progress.interrupted();
  return report;
}

}  // namespace corewalk
