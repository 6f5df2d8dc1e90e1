// Paths in words, on heaps written for every layout.

#include "inspect/path_words.h"

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/object_view.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::tag;
using v8::TaggedWord;

constexpr uint8_t kObjectWords = 3;  // map, properties, elements
const PathLink kRoot = {.name = "(Global handles)"};

PathLink link(Address object, std::string name, EdgeKind kind = EdgeKind::kProperty,
              std::string edge = {}) {
  return {.object = object, .name = std::move(name), .edge = {kind, std::move(edge)}};
}

/// The path in one line.
std::string told(HeapBuilder& build, const std::vector<PathLink>& links,
                 const PathWordsOptions& options = {}) {
  const FoundHeap heap(build);
  const ValueReader reader(*heap);
  const std::vector<PathWords> words = path_words(reader, links, options);
  REQUIRE(words.size() == links.size());
  std::string line;
  const auto add = [&](const std::string& text) {
    if (text.empty()) return;
    if (!line.empty() && text.front() != '.' && text.front() != '[') line += " -> ";
    line += text;
  };
  for (const PathWords& one : words) {
    add(one.words);
    add(one.edge_words);
  }
  return line;
}

/// Writes a field of an object of the class that the layout has for instance type `type`.
void write_field(HeapBuilder& build, Address object, std::string_view type, std::string_view field,
                 TaggedWord word) {
  const auto number = build.layout().type_number(type);
  REQUIRE(number);
  const auto* place = v8::Layout::field(build.layout().type(*number).object_class, field);
  REQUIRE(place != nullptr);
  build.write(object + place->offset, word);
}

Address plain_object(HeapBuilder& build, std::string_view type = "JS_OBJECT") {
  return build.add_object(build.add_map({.type = type, .words = kObjectWords + 1}), {});
}

TEST_CASE("properties and elements stand behind their objects", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address a = plain_object(build);
  const std::vector<PathLink> path = {kRoot,
                                      link(a, "Registry", EdgeKind::kProperty, "list"),
                                      link(a, "Array", EdgeKind::kElement, "17"),
                                      link(a, "Session", EdgeKind::kProperty, "#secret"),
                                      link(a, "Session", EdgeKind::kProperty, "<symbol #own>"),
                                      link(a, "Object", EdgeKind::kProperty, "two words"),
                                      link(a, "Object", EdgeKind::kProperty, "<symbol tag>"),
                                      link(a, "Session")};
  CHECK(told(build, path) ==
        "(Global handles) -> Registry.list -> Array[17] -> Session.#secret -> Session.#own -> "
        "Object[\"two words\"] -> Object[symbol tag] -> Session");
  CHECK(told(build, {link(a, "Array", EdgeKind::kElement, "17"), link(a, "Session")},
             {.merged = true}) == "Array[*] -> Session");
}

TEST_CASE("a Map and its table are the value of a key", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address session = plain_object(build);
  const Address key = build.add_string("k17");
  const TaggedWord smi = HeapBuilder::smi(0);
  // Elements, deleted ones, buckets; one bucket; key, value, chain.
  const Address table = build.add_array(
      {HeapBuilder::smi(1), smi, HeapBuilder::smi(1), smi, tag(key), tag(session), smi},
      "ORDERED_HASH_MAP");
  const Address map = plain_object(build, "JS_MAP");
  build.write(map + build.layout().object.collection_table.offset(), tag(table));
  const std::vector<PathLink> path = {
      kRoot, link(map, "Map", EdgeKind::kInternal, "table"),
      link(table, "system / OrderedHashMap", EdgeKind::kInternal, "5"), link(session, "Session")};
  CHECK(told(build, path) == "(Global handles) -> Map -> value of \"k17\" -> Session");
  CHECK(told(build, path, {.merged = true}) == "(Global handles) -> Map -> value -> Session");
  std::vector<PathLink> to_key = path;
  to_key.back() = link(key, "k17");
  CHECK(told(build, to_key) == "(Global handles) -> Map -> key -> \"k17\"");
  // What is not in the table, or no table at all, is no trap.
  to_key.back() = link(map, "Map");
  CHECK(told(build, to_key) == "(Global handles) -> Map -> value -> Map");
  to_key[2].object = Address(0x10);
  CHECK_NOTHROW(told(build, to_key));
}

TEST_CASE("a function and its context are a closure variable", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address session = plain_object(build);
  const Address script = build.add_object(build.add_map({.type = "SCRIPT", .words = 20}), {});
  write_field(build, script, "SCRIPT", "name", tag(build.add_string("/srv/app/sessions.js")));
  const Address shared = build.add_shared(tag(build.name("onIdle")));
  const auto number = build.layout().type_number("SHARED_FUNCTION_INFO");
  REQUIRE(number);
  const bool has_script =
      v8::Layout::field(build.layout().type(*number).object_class, "script") != nullptr;
  write_field(build, shared, "SHARED_FUNCTION_INFO", has_script ? "script" : "script_or_debug_info",
              tag(script));
  const Address native = build.add_array({build.null(), build.null()}, "NATIVE_CONTEXT");
  const Address outer = build.add_array({build.null(), tag(native)}, "FUNCTION_CONTEXT");
  const Address inner = build.add_array({build.null(), tag(outer)}, "FUNCTION_CONTEXT");
  const Address function = build.add_function(shared);
  write_field(build, function, "JS_FUNCTION", "context", tag(inner));

  const PathLink start = link(function, "onIdle", EdgeKind::kInternal, "context");
  const PathLink end = link(session, "Session");
  const PathLink here = link(inner, "system / Context", EdgeKind::kContext, "cache");
  CHECK(told(build, {kRoot, start, here, end}) ==
        "(Global handles) -> function onIdle -> closure variable cache -> Session");
  const PathLink up = link(inner, "system / Context", EdgeKind::kInternal, "previous");
  const PathLink there = link(outer, "system / Context", EdgeKind::kContext, "cache");
  CHECK(told(build, {kRoot, start, up, there, end}, {.folder = "/srv/app"}) ==
        "(Global handles) -> module ./sessions.js -> closure variable cache -> Session");
  CHECK(told(build, {kRoot, start, up, there, end}, {.folder = "/srv/ap"}) ==
        "(Global handles) -> module /srv/app/sessions.js -> closure variable cache -> Session");
  CHECK(told(build, {kRoot, there, end}) ==
        "(Global handles) -> closure variable cache -> Session");
  CHECK(told(build, {kRoot, link(function, "onIdle", EdgeKind::kProperty, "instances"), end}) ==
        "(Global handles) -> function onIdle.instances -> Session");
}

TEST_CASE("callbacks and listeners of Node.js are called that", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address a = plain_object(build);
  const auto property = [&](const char* name, const char* edge) {
    return link(a, name, EdgeKind::kProperty, edge);
  };
  const PathLink end = link(a, "Session");
  CHECK(told(build, {property("TimersList", "_idleNext"), property("Timeout", "_idleNext"),
                     property("Timeout", "_onTimeout"), end}) == "timer -> callback -> Session");
  const std::vector<PathLink> listener = {property("Server", "_events"), property("Object", "data"),
                                          end};
  CHECK(told(build, listener) == "Server -> listener of 'data' -> Session");
  const std::vector<PathLink> several = {property("Server", "_events"), property("Object", "data"),
                                         link(a, "Array", EdgeKind::kElement, "3"), end};
  CHECK(told(build, several) == "Server -> listener of 'data' -> Session");
  CHECK(told(build, {property("PROMISE", "<symbol kResourceStore>"), end}) ==
        "PROMISE -> AsyncLocalStorage store -> Session");
}

TEST_CASE("promises tell what waits for them, and what they hold", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address promise =
      build.add_object(build.add_map({.type = "JS_PROMISE", .words = kObjectWords + 2}), {});
  const Address session = plain_object(build);
  const Address handler = build.add_function(build.add_shared(tag(build.name("then"))));
  const Address reaction =
      build.add_object(build.add_map({.type = "PROMISE_REACTION", .words = 6}), {});
  write_field(build, reaction, "PROMISE_REACTION", "fulfill_handler", tag(handler));
  write_field(build, reaction, "PROMISE_REACTION", "reject_handler", build.null());
  const PathLink start = link(promise, "Promise", EdgeKind::kInternal, "reactions_or_result");
  CHECK(told(build, {start, link(session, "Session")}) == "Promise -> result -> Session");
  CHECK(told(build, {start, link(reaction, "system / PromiseReaction", EdgeKind::kHidden, "3"),
                     link(handler, "then")}) == "Promise -> reaction -> handler -> function then");
}

TEST_CASE("what waits is the suspended function, not V8's closures", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address session = plain_object(build);
  const Address waiter = build.add_function(build.add_shared(tag(build.name("waiter"))));
  const Address generator = build.add_object(
      build.add_map({.type = "JS_GENERATOR_OBJECT", .words = kObjectWords + 10}), {});
  write_field(build, generator, "JS_GENERATOR_OBJECT", "function", tag(waiter));
  const Address registers = build.add_array({tag(session)});
  const Address native = build.add_array({build.null(), build.null()}, "NATIVE_CONTEXT");
  const Address context = build.add_array({build.null(), tag(native)}, "FUNCTION_CONTEXT");
  const Address resume = build.add_function(build.add_shared(tag(build.name(""))));
  const Address reaction =
      build.add_object(build.add_map({.type = "PROMISE_REACTION", .words = 6}), {});
  write_field(build, reaction, "PROMISE_REACTION", "fulfill_handler", tag(resume));
  const Address promise =
      build.add_object(build.add_map({.type = "JS_PROMISE", .words = kObjectWords + 2}), {});
  CHECK(told(build, {link(promise, "Promise", EdgeKind::kInternal, "reactions_or_result"),
                     link(reaction, "system / PromiseReaction", EdgeKind::kHidden, "1"),
                     link(resume, "", EdgeKind::kInternal, "context"),
                     link(context, "system / Context", EdgeKind::kInternal, "extension"),
                     link(generator, "Generator", EdgeKind::kInternal, "parameters_and_registers"),
                     link(registers, "", EdgeKind::kInternal, "1"), link(session, "Session")}) ==
        "Promise -> reaction -> suspended function waiter -> local variable -> Session");
}

TEST_CASE("bound functions, getters and stores have words of their own", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address a = plain_object(build);
  const Address bound =
      build.add_object(build.add_map({.type = "JS_BOUND_FUNCTION", .words = kObjectWords + 3}), {});
  write_field(build, bound, "JS_BOUND_FUNCTION", "bound_target_function",
              tag(build.add_function(build.add_shared(tag(build.name("handler"))))));
  const PathLink end = link(a, "Session");
  CHECK(told(build, {link(bound, "native_bind", EdgeKind::kShortcut, "bound_argument_0"), end}) ==
        "bound function handler -> argument 0 -> Session");
  CHECK(told(build, {link(a, "Object", EdgeKind::kProperty, "get secret"), end}) ==
        "Object -> getter secret -> Session");
  const std::string pair = "4 / part of key (Object @1) -> value (Session @3) pair in WeakMap";
  CHECK(told(build, {link(a, "Object", EdgeKind::kInternal, pair), end}) ==
        "Object -> value in WeakMap -> Session");
  const Address table = build.add_array(
      {HeapBuilder::smi(0), HeapBuilder::smi(0), HeapBuilder::smi(1)}, "ORDERED_HASH_MAP");
  const Address frame = plain_object(build, "JS_MAP");
  CHECK(told(build, {link(a, "Timeout", EdgeKind::kProperty, "<symbol kAsyncContextFrame>"),
                     link(frame, "AsyncContextFrame", EdgeKind::kInternal, "table"),
                     link(table, "", EdgeKind::kInternal, "6"), end}) ==
        "Timeout -> AsyncLocalStorage -> store -> Session");
}

TEST_CASE("a Symbol that V8 does not name is that of the property", "[inspect][path]") {
  HeapBuilder build(test::each_layout());
  const Address session = plain_object(build);
  const auto add_holder = [&](std::string_view text) {
    const Address symbol =
        build.add_object(build.add_map({.type = "SYMBOL", .words = 4}), {0, 0, 0});
    build.write(symbol + build.layout().string.symbol_description.offset(), tag(build.name(text)));
    const Address descriptors = build.add_descriptors({{.key = tag(symbol), .field_index = 0}});
    const Address map = build.add_map(
        {.words = kObjectWords + 1, .descriptors = tag(descriptors), .own_descriptors = 1});
    return build.add_object(map, {0, 0, tag(session)});
  };
  const PathLink end = link(session, "Session");
  const auto holder_words = [&](std::string_view text) {
    return told(build, {link(add_holder(text), "Object", EdgeKind::kProperty, "<symbol>"), end});
  };
  CHECK(holder_words("#secret") == "Object.#secret -> Session");
  CHECK(holder_words("owner") == "Object[symbol owner] -> Session");
  CHECK(holder_words("kResourceStore") == "Object -> AsyncLocalStorage store -> Session");
  CHECK(told(build, {link(session, "Object", EdgeKind::kProperty, "<symbol>"), end}) ==
        "Object[symbol] -> Session");
}

TEST_CASE("a path of nonsense is told all the same", "[inspect][path][hostile]") {
  HeapBuilder build(test::each_layout());
  const Address a = plain_object(build);
  for (const char* edge : {"table", "context", "previous", "reactions_or_result", "_events",
                           "parameters_and_registers", "receiver", ""}) {
    for (const EdgeKind kind : {EdgeKind::kContext, EdgeKind::kElement, EdgeKind::kProperty,
                                EdgeKind::kInternal, EdgeKind::kHidden, EdgeKind::kWeak}) {
      const PathLink one = link(a, "", kind, edge);
      const PathLink none = link(Address(0x10), "x", kind, edge);
      CHECK_NOTHROW(told(build, {one, none, one, one, none}));
    }
  }
  CHECK(told(build, {}).empty());
}

}  // namespace
}  // namespace corewalk
