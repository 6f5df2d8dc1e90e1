// Node's linked lists in the target's memory, the handles behind their nodes, packages by path.
#include <cstddef>
#include <vector>

#include "memory/segmented_memory.h"
#include "node/environment.h"
#include "node/module_reader.h"
#include "support/catch.h"

namespace corewalk {
namespace {

constexpr uint64_t kBase = 0x10000;
constexpr EnvironmentOffsets kOffsets = {.next = 8, .prev = 0};

Address at(size_t word) { return Address(kBase + word * sizeof(uint64_t)); }

/// Words of memory from kBase on.
SegmentedMemory memory_of(const std::vector<uint64_t>& words) {
  const AddressRange range(Address(kBase), words.size() * sizeof(uint64_t));
  return SegmentedMemory({{.segment = {.range = range,
                                       .residency = Residency::kPresent,
                                       .readable = true,
                                       .writable = true},
                           .bytes = reinterpret_cast<const std::byte*>(words.data())}});
}

/// A node at an even word, which is linked to two others.
void link(std::vector<uint64_t>& words, size_t node, size_t prev, size_t next) {
  words[node] = at(prev).value();
  words[node + 1] = at(next).value();
}

TEST_CASE("the nodes of a list are found from its head on", "[node]") {
  std::vector<uint64_t> words(8);
  link(words, 0, 4, 2);
  link(words, 2, 0, 4);
  link(words, 4, 2, 0);
  const SegmentedMemory memory = memory_of(words);
  const NodeList list = list_nodes(memory, kOffsets, at(0));
  CHECK(list.nodes == std::vector<Address>{at(2), at(4)});
  CHECK(list.whole);
}

TEST_CASE("an empty list points to itself", "[node]") {
  std::vector<uint64_t> words(2);
  link(words, 0, 0, 0);
  const SegmentedMemory memory = memory_of(words);
  const NodeList list = list_nodes(memory, kOffsets, at(0));
  CHECK(list.nodes.empty());
  CHECK(list.whole);
}

TEST_CASE("a list ends where its neighbours do not agree", "[node]") {
  std::vector<uint64_t> words(8);
  link(words, 0, 4, 2);
  link(words, 2, 0, 4);
  link(words, 4, 0, 2);  // would go round without end
  const SegmentedMemory memory = memory_of(words);
  const NodeList list = list_nodes(memory, kOffsets, at(0));
  CHECK(list.nodes == std::vector<Address>{at(2)});
  CHECK_FALSE(list.whole);
  words[5] = 0xdead0000;
  words[4] = at(2).value();
  const SegmentedMemory cut = memory_of(words);
  const NodeList rest = list_nodes(cut, kOffsets, at(0));
  CHECK(rest.nodes == std::vector<Address>{at(2), at(4)});
  CHECK_FALSE(rest.whole);
}

TEST_CASE("a handle is known by its way back", "[node]") {
  // wrap: word 0; state 1; node 2, 3; handle 4 (or, in older releases, state 4 and handle 5)
  std::vector<uint64_t> words(8);
  words[4] = at(6).value();
  words[6] = at(0).value();
  const SegmentedMemory newer = memory_of(words);
  const auto place = find_uv_handle(newer, at(0), at(2));
  REQUIRE(place);
  CHECK(place->handle == at(6));
  CHECK(place->state == at(1));

  words[4] = 0;
  words[5] = at(6).value();
  const SegmentedMemory older = memory_of(words);
  const auto other = find_uv_handle(older, at(0), at(2));
  REQUIRE(other);
  CHECK(other->state == at(4));

  words[6] = 0;
  const SegmentedMemory without = memory_of(words);
  CHECK_FALSE(find_uv_handle(without, at(0), at(2)));
}

TEST_CASE("the path of a module names its package", "[node]") {
  CHECK(package_of("/srv/node_modules/express/lib/router.js") == "express");
  CHECK(package_of("/srv/node_modules/@scope/name/index.js") == "@scope/name");
  CHECK(package_of("/srv/node_modules/a/node_modules/b/index.js") == "b");
  CHECK(package_of("/srv/app.js").empty());
  CHECK(package_of("/srv/not_node_modules/a/b.js").empty());
  CHECK(package_of("/srv/node_modules/a.js").empty());
  CHECK(package_of("/srv/node_modules/@scope/a.js").empty());
  CHECK(package_of("").empty());
}

}  // namespace
}  // namespace corewalk
