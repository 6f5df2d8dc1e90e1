// Who holds what, as commands are told it, on heaps written for every layout.

#include "session/retention_answers.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "memory/symbol_source.h"
#include "support/catch.h"
#include "support/graphed_heap.h"
#include "support/layout_cases.h"

namespace corewalk {
namespace {

using test::GraphedHeap;
using test::HeapBuilder;
using v8::tag;
using v8::TaggedWord;

/// The answers about a heap, with all they refer to.
class Asked {
 public:
  Asked(HeapBuilder& build, const std::vector<Address>& held)
      : graphed_(build, held),
        values_(graphed_.heap()),
        answers_(graphed_.take_graph(), values_, RootOwners(graphed_.heap(), symbols_, stacks_, {}),
                 "") {}

  RetentionAnswers* operator->() { return &answers_; }
  [[nodiscard]] NodeId node(Address object) const {
    const auto node = answers_.node_at(tag(object));
    REQUIRE(node);
    return *node;
  }
  RetainerTree retainers(Address object, const RetainerQuery& query) {
    return answers_.retainers(node(object), query, progress_);
  }
  RetainingPaths paths(Address object, uint64_t limit) {
    return answers_.paths(node(object), limit, progress_);
  }
  ClassPaths class_paths(const ClassPathQuery& query) {
    return answers_.class_paths(query, progress_);
  }
  DominatorRows dominators(NodeId at, const DominatorQuery& query) {
    return answers_.dominators(at, query, progress_);
  }

 private:
  GraphedHeap graphed_;
  NoSymbols symbols_;
  std::vector<ThreadStack> stacks_;
  ValueReader values_;
  NoProgress progress_;
  RetentionAnswers answers_;
};

/// Objects of a class with a field, the first held by nothing, each other one by the next.
std::vector<Address> add_chain(HeapBuilder& build, const HeapBuilder::Class& link, size_t count) {
  std::vector<Address> chain{build.add_instance(link)};
  while (chain.size() < count) {
    chain.push_back(build.add_instance(link, {tag(chain.back())}));
  }
  return chain;
}

TEST_CASE("retainers are shown up to the roots", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto chain = add_chain(build, build.add_class("Link", 1), 3);
  Asked asked(build, {chain[2]});
  const RetainerTree tree = asked.retainers(chain[0], {.depth = 10, .limit = 5, .weak = false});
  CHECK(tree.is_live);
  CHECK(tree.hidden == 0);
  REQUIRE(tree.rows.size() == 3);
  CHECK(tree.rows[0].depth == 1);
  CHECK(tree.rows[0].edge.name == "f0");
  CHECK(tree.rows[0].edge.kind == EdgeKind::kProperty);
  CHECK(tree.rows[0].holder.address == Address(tag(chain[1])));
  CHECK(tree.rows[1].holder.address == Address(tag(chain[2])));
  CHECK(tree.rows[2].depth == 3);
  CHECK(tree.rows[2].holder.is_root);
  CHECK(tree.rows[2].holder.name == "(Global handles)");
  CHECK(asked.retainers(chain[0], {.depth = 2, .limit = 5, .weak = false}).rows.size() == 2);
}

TEST_CASE("a limit says how many retainers it hides", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 1);
  const Address target = build.add_instance(link);
  std::vector<Address> holders;
  for (int i = 0; i < 7; ++i) holders.push_back(build.add_instance(link, {tag(target)}));
  build.add_instance(link, {tag(target)});  // dead: no retainer
  Asked asked(build, holders);
  const RetainerTree tree = asked.retainers(target, {.depth = 1, .limit = 3, .weak = false});
  CHECK(tree.rows.size() == 3);
  CHECK(tree.hidden == 4);
  CHECK(asked.retainers(target, {.depth = 1, .limit = 0, .weak = false}).rows.size() == 7);
}

TEST_CASE("retainers in a circle are followed once", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 2);
  const Address target = build.add_instance(link);
  const Address one = build.add_instance(link, {tag(target)});
  const Address two = build.add_instance(link, {tag(one), tag(target)});
  build.write(one + 4 * v8::kWordBytes, tag(two));
  Asked asked(build, {two});
  const RetainerTree tree = asked.retainers(target, {.depth = 50, .limit = 0, .weak = false});
  const auto times = [&](Address object, bool seen) {
    return std::count_if(tree.rows.begin(), tree.rows.end(), [&](const RetainerRow& row) {
      return row.holder.address == Address(tag(object)) && row.seen == seen;
    });
  };
  CHECK(times(one, false) == 1);
  CHECK(times(two, false) == 1);
  CHECK(times(one, true) + times(two, true) >= 1);
}

TEST_CASE("weak retainers are shown if they are asked for", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 1);
  const Address target = build.add_instance(link);
  const Address holder = build.add_instance(link, {tag(target)});
  const Address list = build.add_array({tag(target) | 2}, "WEAK_FIXED_ARRAY");
  build.add_array({tag(target) | 2}, "WEAK_FIXED_ARRAY");  // dead: no retainer
  Asked asked(build, {holder, list});
  CHECK(asked.retainers(target, {.depth = 1, .limit = 0, .weak = false}).rows.size() == 1);
  const RetainerTree tree = asked.retainers(target, {.depth = 1, .limit = 0, .weak = true});
  REQUIRE(tree.rows.size() == 2);
  const bool first = tree.rows[0].edge.kind == EdgeKind::kWeak;
  CHECK(tree.rows[first ? 0 : 1].holder.address == Address(tag(list)));
  CHECK(tree.rows[first ? 0 : 1].edge.kind == EdgeKind::kWeak);
  CHECK(tree.rows[first ? 1 : 0].edge.kind == EdgeKind::kProperty);
}

TEST_CASE("what has no name is called by its kind", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 1);
  const Address target = build.add_instance(link);
  const Address array = build.add_array({tag(target)});
  const Address nameless = build.add_function(build.add_shared(tag(build.name(""))));
  Asked asked(build, {array, nameless});
  const RetainerTree tree = asked.retainers(target, {.depth = 1, .limit = 1, .weak = false});
  REQUIRE(tree.rows.size() == 1);
  CHECK(tree.rows[0].holder.name == "system / FixedArray");
  CHECK(asked.paths(nameless, 1).object.name == "(anonymous)()");
}

TEST_CASE("of the dead there are no paths", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 1);
  const Address dead = build.add_instance(link);
  const Address holder = build.add_instance(link, {tag(dead)});
  const Address live = build.add_instance(link);
  Asked asked(build, {live});
  CHECK_FALSE(asked.retainers(dead, {.depth = 3, .limit = 3, .weak = false}).is_live);
  CHECK_FALSE(asked.paths(dead, 3).is_live);
  CHECK(asked.paths(dead, 3).paths.empty());
  const auto rows = asked.dominators(asked.node(holder), {.depth = 3, .limit = 3});
  CHECK_FALSE(rows.is_live);
  CHECK(rows.rows.size() == 1);
  CHECK_FALSE(asked->retention(asked.node(dead)).is_live);
  CHECK(asked->retention(asked.node(live)).is_live);
  CHECK_FALSE(asked->node_at(tag(live) + 8));
  CHECK_FALSE(asked->node_at(0));
}

TEST_CASE("paths lead from the root to the object, the shortest first", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto link = build.add_class("Link", 2);
  const Address target = build.add_instance(link);
  const Address near = build.add_instance(link, {tag(target)});
  const Address middle = build.add_instance(link, {HeapBuilder::smi(0), tag(target)});
  const Address far = build.add_instance(link, {tag(middle)});
  Asked asked(build, {near, far});
  const RetainingPaths one = asked.paths(target, 1);
  REQUIRE(one.paths.size() == 1);
  CHECK(one.more);
  const auto& hops = one.paths.front();
  REQUIRE(hops.size() == 3);
  CHECK(hops[0].object.name == "(Global handles)");
  CHECK(hops[1].object.address == Address(tag(near)));
  CHECK(hops[1].edge.name == "f0");
  CHECK(hops[2].object.address == Address(tag(target)));
  const RetainingPaths all = asked.paths(target, 10);
  REQUIRE(all.paths.size() == 2);
  CHECK_FALSE(all.more);
  CHECK(all.paths[1].size() == 4);
  CHECK(all.paths[1][2].edge.name == "f1");
}

TEST_CASE("paths of a class are merged where they are alike", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session");
  const auto pool = build.add_class("Pool", 2);
  const auto cache = build.add_class("Cache", 1);
  std::vector<Address> roots;
  for (int i = 0; i < 3; ++i) {
    roots.push_back(build.add_instance(
        pool, {tag(build.add_instance(session)), tag(build.add_instance(session))}));
  }
  roots.push_back(build.add_instance(cache, {tag(build.add_instance(session))}));
  build.add_instance(session);
  Asked asked(build, roots);
  const ClassPaths paths = asked.class_paths({.name = "Session", .depth = 100});
  CHECK(paths.live_count == 7);
  CHECK(paths.dead_count == 1);
  CHECK(paths.retained_bytes == uint64_t{7} * 3 * v8::kWordBytes);
  REQUIRE_FALSE(paths.rows.empty());
  CHECK(paths.rows.front().depth == 0);
  CHECK(paths.rows.front().count == 7);
  const auto row_of = [&](std::string_view name) {
    return std::find_if(paths.rows.begin(), paths.rows.end(),
                        [&](const ClassPathRow& row) { return row.object.name == name; });
  };
  REQUIRE(row_of("Pool") != paths.rows.end());
  CHECK(row_of("Pool")->count == 6);
  REQUIRE(row_of("Cache") != paths.rows.end());
  CHECK(row_of("Cache")->count == 1);
  CHECK(row_of("Pool") < row_of("Cache"));
  CHECK(asked.class_paths({.name = "Nobody", .depth = 100}).rows.empty());
  const ClassPaths cut = asked.class_paths({.name = "Session", .depth = 4, .limit = 1});
  const auto& last = cut.rows.back();
  CHECK(last.depth == 3);   // (root), (GC roots), (Global handles), Pool
  CHECK(last.hidden == 2);  // ".f0" and ".f1"
}

TEST_CASE("dominators are the largest, and say what the rest is", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  const auto session = build.add_class("Session");
  const auto holder = build.add_class("Holder", 4);
  const Address big = build.add_array(std::vector<TaggedWord>(100, build.null()));
  const auto add = [&] { return tag(build.add_instance(session)); };
  const Address top = build.add_instance(holder, {tag(big), add(), add(), add()});
  Asked asked(build, {top, session.map, session.function, holder.map, holder.function});
  const auto rows = asked.dominators(asked.node(top), {.depth = 3, .limit = 2, .min_bytes = 1});
  REQUIRE(rows.is_live);
  REQUIRE(rows.rows.size() == 3);
  CHECK(rows.rows[0].object.address == Address(tag(top)));
  CHECK(rows.rows[0].object.retained_bytes == asked->retention(asked.node(top)).retained_bytes);
  CHECK(rows.rows[1].object.address == Address(tag(big)));
  CHECK(rows.rows[1].depth == 1);
  const DominatorRest& rest = rows.rows[0].rest;
  CHECK(rest.count == 2);
  CHECK(rest.retained_bytes == uint64_t{2} * 3 * v8::kWordBytes);
  CHECK(rest.commonest == "Session");
  CHECK(rest.commonest_count == 2);
  CHECK(asked.dominators(kRootNode, {.depth = 9, .limit = 0}).total_bytes ==
        asked->retention(kRootNode).retained_bytes);
}

TEST_CASE("many that hold each other are told in good time", "[session][retention]") {
  HeapBuilder build(test::each_layout());
  constexpr uint64_t kLinks = 2000;
  const auto link = build.add_class("Link", 1);
  build.use_page(build.add_page({.bytes = 0x20000}));
  const auto chain = add_chain(build, link, kLinks);
  Asked asked(build, {chain.back()});
  const ClassPaths paths = asked.class_paths({.name = "Link", .depth = 100, .limit = 5});
  CHECK(paths.live_count == kLinks);
  CHECK(paths.rows.size() <= 102);
  const RetainingPaths way = asked.paths(chain.front(), 3);
  REQUIRE(way.paths.size() == 1);
  CHECK(way.paths.front().size() == kLinks + 1);
}

}  // namespace
}  // namespace corewalk
