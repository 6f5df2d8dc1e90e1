// Finding text in strings of one and two bytes a character.
#include "analysis/string_matcher.h"

#include "support/catch.h"

namespace corewalk {
namespace {

v8::FlatString narrow(std::string_view text) {
  return {.chars = reinterpret_cast<const std::byte*>(text.data()), .length = text.size()};
}
v8::FlatString wide(std::u16string_view text) {
  return {.chars = reinterpret_cast<const std::byte*>(text.data()),
          .length = text.size(),
          .one_byte = false};
}

TEST_CASE("text is found where it stands, in characters", "[search]") {
  const StringMatcher matcher("caf\u00e9", false);
  CHECK(matcher.find(narrow("a caf\xe9"))->position == 2);
  CHECK(matcher.find(wide(u"\u4e2d caf\u00e9"))->position == 2);
  CHECK(matcher.find(std::string_view("\u4e2d caf\u00e9"))->position == 2);
  CHECK(matcher.find(wide(u"caf\u00e9"))->length == 4);
  CHECK_FALSE(matcher.find(narrow("cafe")));
  CHECK_FALSE(matcher.find(narrow("")));
}

TEST_CASE("a match of two-byte text begins at a character", "[search]") {
  // The bytes of U+4100 stand across the border of two characters too.
  const StringMatcher matcher("\u4100", false);
  CHECK_FALSE(matcher.find(wide(u"\u0041\u4200")));
  CHECK(matcher.find(wide(u"\u0041\u4100"))->position == 1);
}

TEST_CASE("what Latin-1 lacks is in no one-byte string", "[search]") {
  CHECK_FALSE(StringMatcher("\u4e2d", false).find(narrow("-")));
}

TEST_CASE("regular expressions see long strings in parts that overlap", "[search]") {
  const StringMatcher matcher("ne+dle$", true);
  const std::string hay(5000, 'x');
  const std::string text = hay + "neeeedle";
  CHECK(matcher.find(narrow(text))->position == 5000);
  CHECK(matcher.find(narrow(text))->length == 8);
  CHECK_FALSE(matcher.find(narrow(text + "x")));
  CHECK_FALSE(StringMatcher("^x", true).find(narrow("y" + hay)));
}

}  // namespace
}  // namespace corewalk
