// Chains of promises and async functions, on heaps of every layout.
#include "analysis/async_chain_finder.h"
#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;

/// Writes the objects that V8 makes for `await`.
class AsyncBuilder {
 public:
  explicit AsyncBuilder(HeapBuilder& build)
      : build_(build),
        promises_(build.add_map({.type = "JS_PROMISE", .words = kWords})),
        functions_(build.add_map({.type = "JS_ASYNC_FUNCTION_OBJECT", .words = kWords})),
        closures_(build.add_map({.type = "JS_FUNCTION", .words = kWords})),
        reactions_(build.add_map({.type = "PROMISE_REACTION", .words = 6})),
        native_(build.add_shared(tag(build.name("")))) {}

  Address promise() {
    const Address promise = build_.add_object(promises_, {});
    set(promise, "JS_PROMISE", "reactions_or_result", HeapBuilder::smi(0));
    set(promise, "JS_PROMISE", "flags", HeapBuilder::smi(0));
    return promise;
  }
  Address async_function(Address promise) {
    const Address object = build_.add_object(functions_, {});
    const Address shared = build_.add_shared(tag(build_.name("waits")));
    set(object, "JS_ASYNC_FUNCTION_OBJECT", "promise", tag(promise));
    set(object, "JS_ASYNC_FUNCTION_OBJECT", "function", tag(build_.add_function(shared)));
    set(object, "JS_ASYNC_FUNCTION_OBJECT", "continuation", HeapBuilder::smi(1));
    return object;
  }
  /// `function` goes on once `promise` is settled.
  void await(Address promise, Address function) {
    const Address context =
        build_.add_array({build_.undefined(), build_.undefined(), tag(function)}, "AWAIT_CONTEXT");
    const Address closure = build_.add_object(closures_, {});
    set(closure, "JS_FUNCTION", "shared", tag(native_));
    set(closure, "JS_FUNCTION", "context", tag(context));
    add_reaction(promise, tag(closure), build_.undefined());
  }
  void add_reaction(Address promise, v8::TaggedWord handler, v8::TaggedWord next_promise) {
    const Address reaction = build_.add_object(reactions_, {});
    const uint64_t offset = offset_of("JS_PROMISE", "reactions_or_result");
    set(reaction, "PROMISE_REACTION", "next", build_.read<uint64_t>(promise + offset));
    set(reaction, "PROMISE_REACTION", "fulfill_handler", handler);
    set(reaction, "PROMISE_REACTION", "reject_handler", handler);
    set(reaction, "PROMISE_REACTION", "promise_or_capability", next_promise);
    build_.write(promise + offset, tag(reaction));
  }

 private:
  static constexpr uint8_t kWords = 14;

  [[nodiscard]] uint64_t offset_of(std::string_view type, std::string_view field) const {
    const v8::Layout& layout = build_.layout();
    const auto* found =
        v8::Layout::field(layout.type(layout.type_number(type).value()).object_class, field);
    REQUIRE(found != nullptr);
    return found->offset;
  }
  void set(Address object, std::string_view type, std::string_view field, v8::TaggedWord word) {
    build_.write(object + offset_of(type, field), word);
  }

  HeapBuilder& build_;
  Address promises_;
  Address functions_;
  Address closures_;
  Address reactions_;
  Address native_;
};

AsyncReport chains_of(HeapBuilder& build) {
  const FoundHeap heap(build);
  NoProgress progress;
  return find_async_chains(*heap, {}, progress);
}

TEST_CASE("a chain leads from the promise at the bottom to who waits for nobody's sake",
          "[async]") {
  HeapBuilder build(test::each_layout());
  AsyncBuilder add(build);
  const Address bottom = add.promise();
  const Address middle = add.promise();
  const Address inner = add.async_function(middle);
  const Address outer = add.async_function(add.promise());
  add.await(bottom, inner);
  add.await(middle, outer);
  const AsyncReport report = chains_of(build);
  CHECK(report.pending_promises == 3);
  REQUIRE(report.chains.size() == 1);
  const AsyncChain& chain = report.chains[0];
  REQUIRE(chain.steps.size() == 3);
  CHECK(chain.steps[0].kind == AsyncKind::kPromise);
  CHECK(chain.steps[0].object == Address(tag(bottom)));
  CHECK(chain.steps[1].kind == AsyncKind::kAsyncFunction);
  CHECK(chain.steps[1].object == Address(tag(inner)));
  CHECK(chain.steps[1].name == "waits");
  CHECK(chain.steps[2].object == Address(tag(outer)));
  CHECK_FALSE(chain.is_cycle);
}

TEST_CASE("equal chains are counted as one", "[async]") {
  HeapBuilder build(*test::all_layouts().back());
  AsyncBuilder add(build);
  const Address bottom = add.promise();
  for (int i = 0; i < 3; ++i) add.await(bottom, add.async_function(add.promise()));
  const AsyncReport report = chains_of(build);
  REQUIRE(report.chains.size() == 1);
  CHECK(report.chains[0].count == 3);
}

TEST_CASE("functions that wait for one another are a circle, and end", "[async]") {
  HeapBuilder build(test::each_layout());
  AsyncBuilder add(build);
  const Address first = add.promise();
  const Address second = add.promise();
  add.await(second, add.async_function(first));
  add.await(first, add.async_function(second));
  const AsyncReport report = chains_of(build);
  REQUIRE(report.chains.size() == 1);
  CHECK(report.chains[0].is_cycle);
}

TEST_CASE("reactions that form a circle, and promises that branch without end, are bounded",
          "[async]") {
  HeapBuilder build(*test::all_layouts().back());
  AsyncBuilder add(build);
  std::vector<Address> promises;
  for (int i = 0; i < 40; ++i) promises.push_back(add.promise());
  for (size_t i = 0; i + 1 < promises.size(); ++i) {  // 2 to the power of 39 ways
    add.add_reaction(promises[i], build.undefined(), tag(promises[i + 1]));
    add.add_reaction(promises[i], build.undefined(), tag(promises[i + 1]));
  }
  CHECK(chains_of(build).is_cut);
}

}  // namespace
}  // namespace corewalk
