#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/async_chain.h"
#include "analysis/scan_budget.h"
#include "v8/function_view.h"
#include "v8/object_view.h"

namespace corewalk {

/// One that goes on once a promise is settled.
struct PromiseWaiter {
  std::optional<AsyncStep> step = {};  ///< absent: V8 passes the value on by itself
  std::optional<Address> next = {};    ///< the promise that is then settled, untagged
};

/// Reads what waits for a promise: its chain of PromiseReactions, which handlers they have and
/// what those are there for. Not thread-safe.
class PromiseWaiters {
 public:
  explicit PromiseWaiters(const v8::Heap& heap) : heap_(heap), sources_(heap) {}

  [[nodiscard]] std::vector<PromiseWaiter> of(Address promise);
  /// True once so many were read that only a forged heap can have them; of() then gives none.
  [[nodiscard]] bool is_spent() const { return budget_.is_spent(); }
  /// An async function or generator, and where it is suspended.
  [[nodiscard]] AsyncStep step_of(const v8::ObjectView& generator);

 private:
  static constexpr int64_t kMaxReads = 50'000'000;

  [[nodiscard]] PromiseWaiter read(const v8::ObjectView& reaction);
  [[nodiscard]] std::optional<PromiseWaiter> read_native(const v8::ObjectView& reaction,
                                                         const v8::ObjectView& handler);
  [[nodiscard]] PromiseWaiter resumed(const v8::ObjectView& generator);
  [[nodiscard]] AsyncStep handler_step(const v8::ObjectView& handler);

  /// What is the same for all closures of a function: names and places.
  void add_function(const v8::ObjectView& function, std::optional<int64_t> offset, AsyncStep& step);

  const v8::Heap& heap_;
  v8::SourceLocator sources_;
  ScanBudget budget_{kMaxReads};
  std::map<std::pair<Address, std::optional<int64_t>>, AsyncStep> known_;
};

/// True of a promise that is neither fulfilled nor rejected.
[[nodiscard]] bool is_pending(const v8::ObjectView& promise);

}  // namespace corewalk
