// Strings of every representation, and hostile ones.

#include "support/catch.h"
#include "support/heap_builder.h"
#include "support/layout_cases.h"
#include "v8/string_reader.h"

namespace corewalk {
namespace {

using test::FoundHeap;
using test::HeapBuilder;
using v8::StringReader;
using v8::tag;

constexpr uint64_t kPlenty = 1 << 20;

StringReader::Text read(HeapBuilder& build, Address string, uint64_t max_units = kPlenty) {
  const FoundHeap heap(build);
  const auto text = StringReader(*heap).read(string, max_units);
  REQUIRE(text);
  return *text;
}

TEST_CASE("one-byte strings are Latin-1", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const auto text = read(build, build.add_string("caf\xe9"));
  CHECK(text.utf8 == "caf\u00e9");
  CHECK_FALSE(text.truncated);
  CHECK_FALSE(text.damaged);
}

TEST_CASE("two-byte strings are UTF-16; half a surrogate pair is replaced", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const Address whole = build.add_wide_string(u"\u4e2d\xd83d\xde00");
  const Address half = build.add_wide_string(
      u"a\xd83d"
      u"b\xde00");
  const Address at_end = build.add_wide_string(u"x\xd83d");
  CHECK(read(build, whole).utf8 == "\u4e2d\U0001f600");
  CHECK(read(build, half).utf8 == "a\ufffdb\ufffd");
  CHECK(read(build, at_end).utf8 == "x\ufffd");
}

TEST_CASE("cons, sliced, thin and external strings read as the text they stand for",
          "[v8][string]") {
  HeapBuilder build(test::each_layout());
  constexpr Address kOffHeap{0x300000000000};
  build.add_block(kOffHeap, 16);
  build.write(kOffHeap, *reinterpret_cast<const uint64_t*>("external"));
  const Address hello = build.add_string("hello, ");
  const Address world = build.add_wide_string(u"world");
  const Address cons = build.add_cons(hello, world, 12);
  const Address nested = build.add_cons(cons, cons, 24);
  const Address flattened = build.add_cons(hello, build.name(""), 7);
  const Address sliced = build.add_sliced(hello, 1, 4);
  const Address thin = build.add_thin(build.name("real"), 4);
  const Address external = build.add_external_string(kOffHeap, 8);
  CHECK(read(build, cons).utf8 == "hello, world");
  CHECK(read(build, nested).utf8 == "hello, worldhello, world");
  CHECK(read(build, flattened).utf8 == "hello, ");
  CHECK(read(build, sliced).utf8 == "ello");
  CHECK(read(build, thin).utf8 == "real");
  CHECK(read(build, external).utf8 == "external");
}

TEST_CASE("a limit cuts a string after so many units, across its parts", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const Address cons = build.add_cons(build.add_string("abc"), build.add_string("def"), 6);
  const auto text = read(build, cons, 4);
  CHECK(text.utf8 == "abcd");
  CHECK(text.truncated);
}

TEST_CASE("the start of a string built by appending is read, however often it was appended to",
          "[v8][string]") {
  HeapBuilder build(*test::all_layouts().back());
  build.use_page(build.add_page({.bytes = 0x200000}));
  Address string = build.add_string("first");
  const Address more = build.add_string("+");
  uint32_t length = 5;
  for (int i = 0; i < 20000; ++i) string = build.add_cons(string, more, ++length);
  const auto text = read(build, string, 7);
  CHECK(text.utf8 == "first++");
  CHECK_FALSE(text.damaged);
}

TEST_CASE("strings that contain themselves end, marked as damaged", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const v8::StringFields& fields = build.layout().string;
  const Address flat = build.add_string("flat");
  const Address itself = build.add_cons(flat, flat, 8);
  build.write(itself + fields.cons_first.offset(), tag(itself));
  const Address hollow = build.add_cons(flat, build.name(""), 4);
  build.write(hollow + fields.cons_first.offset(), tag(hollow));
  const Address one = build.add_cons(flat, flat, 8);
  const Address two = build.add_cons(one, flat, 12);
  build.write(one + fields.cons_first.offset(), tag(two));
  const Address thin = build.add_thin(flat, 4);
  build.write(thin + fields.thin_actual.offset(), tag(thin));
  const Address sliced = build.add_sliced(flat, 0, 4);
  build.write(sliced + fields.sliced_parent.offset(), tag(sliced));
  const FoundHeap heap(build);
  for (const Address string : {itself, hollow, one, two, thin, sliced}) {
    const auto text = StringReader(*heap).read(string, kPlenty);
    REQUIRE(text);
    CHECK(text->damaged);
    CHECK(text->utf8.size() <= 64);  // a cycle is noticed before it is written out
  }
}

TEST_CASE("what lies beyond a damaged string's page is not read", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const Address string = build.add_string("text");
  const uint32_t length = GENERATE(as<uint32_t>{}, 0x10000, 0x7fffffff, 0xffffffff);
  build.write(string + build.layout().string.length.offset(), length);
  const auto text = read(build, string, 64);
  CHECK(text.utf8.starts_with("text"));
  CHECK(text.truncated);
  CHECK(read(build, string, kPlenty).damaged);
}

TEST_CASE("a string with a part missing keeps the rest", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const Address lost = build.add_external_string(Address(0x333300000000), 4);
  const Address cons = build.add_cons(build.add_string("here "), lost, 9);
  const auto text = read(build, cons);
  CHECK(text.utf8 == "here ");
  CHECK(text.damaged);
}

TEST_CASE("what is no string is a fault, not an empty string", "[v8][string]") {
  HeapBuilder build(test::each_layout());
  const Address array = build.add_array({});
  const FoundHeap heap(build);
  const StringReader strings(*heap);
  CHECK_FALSE(strings.read(array, 10));
  CHECK_FALSE(strings.read(Address(0x10), 10));
  CHECK_FALSE(strings.read_word(HeapBuilder::smi(5), 10));
  CHECK(strings.read_word(tag(build.name("name")), 10) == "name");
}

}  // namespace
}  // namespace corewalk
