#include "node/timer_reader.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "node/loop_clock.h"
#include "node/object_reader.h"
#include "v8/constructor_name.h"

namespace corewalk {
namespace {

constexpr size_t kMaxTimers = 1'000'000;

/// A timer and what orders it among the others.
struct Found {
  Timer timer;
  std::optional<double> start;  ///< on the timers' clock
  double id = 0;                ///< ascending with the time of creation
};

class TimerReader {
 public:
  TimerReader(const v8::Heap& heap, v8::SourceLocator& sources)
      : heap_(heap), sources_(sources), names_(heap) {}

  /// The list is a circle of objects linked by _idleNext, whose head is the list itself
  /// (lib/internal/linkedlist.js).
  void read_list(Address head) {
    std::optional<Address> at = ObjectReader(heap_, head).object("_idleNext");
    while (at && *at != head && found_.size() < kMaxTimers && seen_.insert(*at).second) {
      const ObjectReader reader(heap_, *at);
      add(*at, reader, false);
      at = reader.object("_idleNext");
    }
  }

  /// A timer outside of all lists that is not destroyed is the one whose callback runs.
  void read_unlinked(Address timeout) {
    if (seen_.contains(timeout)) return;
    const ObjectReader reader(heap_, timeout);
    if (reader.boolean("_destroyed") != false || !reader.has("_onTimeout")) return;
    if (reader.number("_idleTimeout").value_or(-1) < 0) return;
    add(timeout, reader, true);
  }

  void read_immediate(Address immediate) {
    const ObjectReader reader(heap_, immediate);
    const auto callback = reader.value("_onImmediate");
    if (reader.boolean("_destroyed") != false || !callback) return;
    Found found = common(immediate, reader, *callback);
    found.timer.kind = TimerKind::kImmediate;
    found_.push_back(std::move(found));
  }

  [[nodiscard]] std::vector<Found> take() { return std::move(found_); }

 private:
  [[nodiscard]] Found common(Address object, const ObjectReader& reader,
                             std::optional<v8::TaggedWord> callback) const {
    Found found;
    const v8::HeapPage* page = heap_.page_of(object);
    found.timer.isolate = page != nullptr ? page->isolate : v8::IsolateIndex{};
    found.timer.object = Address(v8::tag(object));
    const auto map = v8::MapView::of_object(heap_, object);
    if (map) found.timer.type = names_.name(object, *map).text;
    if (callback) found.timer.callback = read_callback(heap_, *callback, sources_);
    const auto refd = reader.symbol("refed");
    found.timer.refd = !refd || boolean_of(heap_, *refd).value_or(false);
    const auto id = reader.symbol("asyncId");
    found.id = id ? number_of(heap_, *id).value_or(0) : 0;
    return found;
  }

  void add(Address object, const ObjectReader& reader, bool running) {
    Found found = common(object, reader, reader.value("_onTimeout"));
    found.timer.running = running;
    found.start = reader.number("_idleStart");
    if (const auto delay = reader.number("_idleTimeout")) {
      found.timer.delay_ms = static_cast<int64_t>(*delay);
    }
    if (const auto repeat = reader.number("_repeat")) {
      found.timer.repeat_ms = static_cast<int64_t>(*repeat);
    }
    found_.push_back(std::move(found));
  }

  const v8::Heap& heap_;
  v8::SourceLocator& sources_;
  v8::ConstructorNamer names_;
  std::set<Address> seen_;
  std::vector<Found> found_;
};

/// Says of each timer when it is due.
void set_due(std::vector<Found>& timers, const v8::Heap& heap, const SymbolSource& symbols,
             const Environment& environment) {
  const auto is_ours = [&](const Found& found) {
    return found.timer.isolate == environment.isolate && found.start;
  };
  double latest = 0;
  for (const Found& found : timers) {
    if (is_ours(found)) latest = std::max(latest, *found.start);
  }
  const auto clock = find_loop_clock(heap, symbols, environment, static_cast<int64_t>(latest));
  if (!clock) return;
  for (Found& found : timers) {
    if (!is_ours(found) || !found.timer.delay_ms || found.timer.running) continue;
    found.timer.due_in_ms =
        static_cast<int64_t>(*found.start) + *found.timer.delay_ms - clock->now();
  }
}

bool comes_before(const Found& a, const Found& b) {
  const auto key = [](const Found& found) {
    const double due =
        found.start.value_or(0) + static_cast<double>(found.timer.delay_ms.value_or(0));
    return std::tuple(found.timer.isolate, found.timer.kind, due, found.id);
  };
  return key(a) < key(b);
}

}  // namespace

std::vector<Timer> read_timers(const v8::Heap& heap, const TimerObjects& objects,
                               const SymbolSource& symbols,
                               std::span<const Environment> environments,
                               v8::SourceLocator& sources) {
  TimerReader reader(heap, sources);
  for (const Address list : objects.lists) reader.read_list(list);
  for (const Address timeout : objects.timeouts) reader.read_unlinked(timeout);
  for (const Address immediate : objects.immediates) reader.read_immediate(immediate);
  std::vector<Found> found = reader.take();
  for (const Environment& environment : environments) set_due(found, heap, symbols, environment);
  std::stable_sort(found.begin(), found.end(), comes_before);
  std::vector<Timer> timers;
  timers.reserve(found.size());
  for (Found& timer : found) timers.push_back(std::move(timer.timer));
  return timers;
}

}  // namespace corewalk
