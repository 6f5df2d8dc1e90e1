// What an address lies in.
#include "session/address_locator.h"

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/tagged.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;

AddressInfo locate(const FoundHeap& heap, Address address) {
  const ValueReader values(*heap);
  const ProcessInfo process;
  const NoSymbols symbols;
  return locate_address(
      {.memory = *heap.memory, .symbols = symbols, .process = process, .values = &values}, address);
}

TEST_CASE("an address in an object, free memory and a page header is told", "[whatis]") {
  HeapBuilder build(test::each_layout());
  const auto made = build.add_class("Point", 2);
  const Address point = build.add_instance(made, {HeapBuilder::smi(1), HeapBuilder::smi(2)});
  build.add_free_space(64);
  const FoundHeap heap(build);
  const AddressInfo inside = locate(heap, point + 3 * v8::kWordBytes + 4);
  REQUIRE(inside.kind == PlaceKind::kObject);
  CHECK(inside.heap->range.begin() == point);
  CHECK(inside.heap->object->text == "<Object: Point>");
  CHECK(inside.heap->space == "old_space");
  CHECK(inside.in_core);
  CHECK(locate(heap, point + 1).heap->field == ".(map)");
  CHECK(locate(heap, point + 5 * v8::kWordBytes).kind == PlaceKind::kFree);
  const Address chunk = build.chunk(build.first_page());
  const AddressInfo header = locate(heap, chunk + 8);
  CHECK(header.kind == PlaceKind::kPageHeader);
  CHECK(header.heap->chunk == chunk);
}

TEST_CASE("memory of nothing, files and stacks are told apart", "[whatis]") {
  HeapBuilder build(*test::all_layouts().back());
  constexpr Address kBlock{0x300000000000};
  build.add_block(kBlock, 4096);
  const FoundHeap heap(build);
  ProcessInfo process;
  const NoSymbols symbols;
  const AddressSources sources{.memory = *heap.memory, .symbols = symbols, .process = process};
  CHECK(locate_address(sources, Address(16)).kind == PlaceKind::kUnmapped);
  CHECK(locate_address(sources, kBlock + 16).kind == PlaceKind::kMemory);
  process.threads.resize(1);
  process.threads[0].tid = 7;
  process.threads[0].sp = kBlock + 256;
  const AddressInfo stack = locate_address(sources, kBlock + 264);
  REQUIRE(stack.kind == PlaceKind::kStack);
  CHECK(stack.stack->thread_id == 7);
  CHECK(stack.stack->above_sp == 8);
  CHECK(locate_address(sources, kBlock + 16).stack->below_sp == 240);
  process.files.push_back({.range = {kBlock, uint64_t{4096}},
                           .file_offset_bytes = 0x1000,
                           .path = "/usr/lib/libz.so.1"});
  const AddressInfo file = locate_address(sources, kBlock + 16);
  CHECK(file.kind == PlaceKind::kFile);
  CHECK(file.file_offset == 0x1010);
}

}  // namespace
}  // namespace corewalk
