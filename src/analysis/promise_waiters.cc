#include "analysis/promise_waiters.h"

#include <algorithm>

#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;

namespace {

constexpr size_t kMaxReactions = 100'000;
/// Contexts begin with the scope info and the previous context (objects/contexts.h, 7.8 to 14.6).
constexpr uint64_t kFirstOwnSlot = 2;
/// Of V8's own closures: what they need to know is in one of the first slots.
constexpr uint64_t kMaxOwnSlots = 8;

std::optional<ObjectView> object_in(const ObjectView& holder, std::string_view field) {
  const auto found = holder.object(field);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<ObjectView> function_in(const ObjectView& reaction, std::string_view field) {
  auto found = object_in(reaction, field);
  const bool is_function = found && found->tag() == v8::TypeTag::kJSFunction;
  return is_function ? found : std::nullopt;
}

/// True of functions that V8 brings along: they are in no script.
bool is_native(const ObjectView& function) {
  const auto view = v8::FunctionView::of(function);
  return !view || !view->script();
}

/// The first object of a kind among the slots that a context has of its own.
template <class Predicate>
std::optional<ObjectView> find_slot(const ObjectView& context, const Predicate& wanted) {
  const uint64_t first = context.heap().layout().container.array_elements.offset();
  for (uint64_t slot = kFirstOwnSlot; slot < kFirstOwnSlot + kMaxOwnSlots; ++slot) {
    const auto word = context.word(first + slot * v8::kWordBytes);
    if (!word) return {};
    const auto object = ObjectView::at(context.heap(), *word);
    if (object && wanted(*object)) return *object;
  }
  return {};
}

bool is_generator(const ObjectView& object) { return object.is("JSGeneratorObject"); }
bool is_promise(const ObjectView& object) { return object.is("JSPromise"); }
bool is_capability(const ObjectView& object) { return object.is("PromiseCapability"); }

/// The context of a closure of V8's own, if it has one for itself.
std::optional<ObjectView> own_context(const std::optional<ObjectView>& function) {
  if (!function || !is_native(*function)) return {};
  auto context = object_in(*function, "context");
  const bool is_own = context && context->tag() == v8::TypeTag::kContext;
  return is_own ? context : std::nullopt;
}

/// The promise of a PromiseReaction or a PromiseCapability.
std::optional<Address> promise_of(const std::optional<ObjectView>& holder, std::string_view field) {
  auto found = holder ? object_in(*holder, field) : std::nullopt;
  if (found && is_capability(*found)) found = object_in(*found, "promise");
  return found && is_promise(*found) ? std::optional(found->address()) : std::nullopt;
}

bool is_combinator(const std::optional<ObjectView>& context) {
  return context && find_slot(*context, is_capability).has_value();
}

}  // namespace

bool is_pending(const ObjectView& promise) {
  const auto status = promise.bits("flags", "status");
  return status && *status == 0;
}

AsyncStep PromiseWaiters::step_of(const ObjectView& generator) {
  AsyncStep step{.kind = generator.is("JSAsyncGeneratorObject") ? AsyncKind::kAsyncGenerator
                                                                : AsyncKind::kAsyncFunction};
  step.object = Address(v8::tag(generator.address()));
  const auto function = generator.object("function");
  const auto continuation = generator.number("continuation");
  const auto offset = generator.number("input_or_debug_pos");
  const bool is_suspended = continuation && *continuation >= 0 && offset;
  if (function) add_function(*function, is_suspended ? std::optional(*offset) : std::nullopt, step);
  return step;
}

void PromiseWaiters::add_function(const ObjectView& function, std::optional<int64_t> offset,
                                  AsyncStep& step) {
  const auto view = v8::FunctionView::of(function);
  if (!view) return;
  const auto [entry, is_new] = known_.try_emplace(std::pair(view->shared(), offset));
  AsyncStep& known = entry->second;
  if (is_new) {
    known.name = view->name();
    known.definition = view->definition(sources_);
    if (offset) known.position = view->position(sources_, *offset, true);
  }
  step.name = known.name;
  step.definition = known.definition;
  step.position = known.position;
}

AsyncStep PromiseWaiters::handler_step(const ObjectView& handler) {
  AsyncStep step{.kind = is_native(handler) ? AsyncKind::kNative : AsyncKind::kReaction};
  step.object = Address(v8::tag(handler.address()));
  add_function(handler, {}, step);
  return step;
}

PromiseWaiter PromiseWaiters::resumed(const ObjectView& generator) {
  PromiseWaiter waiter{.step = step_of(generator)};
  if (generator.has("promise")) {
    waiter.next = promise_of(generator, "promise");
  } else if (generator.has("queue")) {  // the request of whoever called next()
    waiter.next = promise_of(object_in(generator, "queue"), "promise");
  }
  return waiter;
}

std::optional<PromiseWaiter> PromiseWaiters::read_native(const ObjectView& reaction,
                                                         const ObjectView& handler) {
  const auto context = own_context(handler);
  if (!context) return {};
  if (const auto generator = find_slot(*context, is_generator)) return resumed(*generator);
  const auto fulfilled = own_context(function_in(reaction, "fulfill_handler"));
  const auto rejected = own_context(function_in(reaction, "reject_handler"));
  for (const auto& [element, other, name] : {std::tuple(&fulfilled, &rejected, "Promise.all"),
                                             std::tuple(&rejected, &fulfilled, "Promise.any")}) {
    if (!is_combinator(*element)) continue;
    AsyncStep step{.kind = AsyncKind::kAll, .name = name};
    if (is_combinator(*other)) step.name = "Promise.allSettled";
    const auto capability = find_slot(**element, is_capability);
    step.object = Address(v8::tag(handler.address()));
    return PromiseWaiter{.step = step, .next = promise_of(capability, "promise")};
  }
  // What resolves another promise; and finally(), which keeps the program's function.
  if (const auto promise = find_slot(*context, is_promise)) {
    return PromiseWaiter{.next = promise->address()};
  }
  const auto inner = find_slot(*context, [](const ObjectView& object) {
    return object.tag() == v8::TypeTag::kJSFunction && !is_native(object);
  });
  if (!inner) return {};
  return PromiseWaiter{.step = handler_step(*inner),
                       .next = promise_of(reaction, "promise_or_capability")};
}

PromiseWaiter PromiseWaiters::read(const ObjectView& reaction) {
  auto handler = function_in(reaction, "fulfill_handler");
  if (!handler) handler = function_in(reaction, "reject_handler");
  if (handler && is_native(*handler)) {
    if (auto waiter = read_native(reaction, *handler)) return *waiter;
  }
  PromiseWaiter waiter{.next = promise_of(reaction, "promise_or_capability")};
  if (handler) waiter.step = handler_step(*handler);
  return waiter;
}

std::vector<PromiseWaiter> PromiseWaiters::of(Address promise) {
  std::vector<PromiseWaiter> waiters;
  const auto object = ObjectView::load(heap_, promise);
  if (!object || !is_promise(*object) || !is_pending(*object)) return waiters;
  auto reaction = object_in(*object, "reactions_or_result");
  while (reaction && reaction->is("PromiseReaction") && waiters.size() < kMaxReactions &&
         budget_.take(1)) {
    waiters.push_back(read(*reaction));
    reaction = object_in(*reaction, "next");
  }
  std::reverse(waiters.begin(), waiters.end());  // V8 puts the newest first
  return waiters;
}

}  // namespace corewalk
