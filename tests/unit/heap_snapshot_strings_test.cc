#include <set>

#include "report/redactor.h"
#include "report/snapshot_strings.h"
#include "report/snapshot_text.h"
#include "support/catch.h"

namespace corewalk {
namespace {

using namespace std::string_literals;

class StringSink final : public ByteSink {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  void finish() override {}
  std::string text;
};

std::string json_of(std::string_view utf8) {
  StringSink sink;
  SnapshotText text(sink);
  text.append_string(utf8);
  text.flush();
  return sink.text;
}

TEST_CASE("strings of a snapshot are entered once", "[snapshot]") {
  SnapshotStrings strings{{}};
  CHECK(strings.size() == 1);
  CHECK(strings.at(0) == "<dummy>");
  CHECK(strings.name("") == 1);
  CHECK(strings.name("Session") == 2);
  CHECK(strings.name("<dummy>") == 3);
  CHECK(strings.name("Session") == 2);
  CHECK(strings.contents("Session") == 2);
  CHECK(strings.name("a\0b"s) == 4);
  CHECK(strings.name("a") == 5);
  CHECK(strings.at(4) == "a\0b"s);
  CHECK(strings.size() == 6);
}

TEST_CASE("many strings of a snapshot, long ones among them", "[snapshot]") {
  SnapshotStrings strings{{}};
  const auto text = [](uint32_t i) {
    return i % 1000 == 7 ? std::string(700000 + i, 'x') : "string " + std::to_string(i);
  };
  constexpr uint32_t kCount = 20000;
  for (int pass = 0; pass < 2; ++pass) {
    for (uint32_t i = 0; i < kCount; ++i) REQUIRE(strings.name(text(i)) == i + 1);
  }
  CHECK(strings.size() == kCount + 1);
  for (uint32_t i = 0; i < kCount; ++i) REQUIRE(strings.at(i + 1) == text(i));
}

TEST_CASE("strings of a snapshot are cut between characters", "[snapshot]") {
  CHECK(cut_to_units("abc", 3) == "abc");
  CHECK(cut_to_units("abcd", 3) == "abc");
  CHECK(cut_to_units("äöü", 2) == "äö");
  CHECK(cut_to_units("a😀b", 3) == "a😀");
  CHECK(cut_to_units("a😀b", 2) == "a");
  CHECK(cut_to_units("abc", 0).empty());
  CHECK(count_units("a😀ä") == 4);

  SnapshotStrings strings{{.limit_units = 3}};
  CHECK(strings.at(strings.name("abcdef")) == "abc");
  CHECK(strings.name("abcxyz") == strings.name("abc"));
}

TEST_CASE("strings of a snapshot are escaped as V8 does", "[snapshot]") {
  CHECK(json_of("plain / text") == R"("plain / text")");
  CHECK(json_of("\b\f\n\r\t\"\\") == R"("\b\f\n\r\t\"\\")");
  CHECK(json_of("\x01\x1b\0\x7f"s) == "\"\\u0001\\u001B\\u0000\x7f\"");
  CHECK(json_of("ä€") == R"("\u00E4\u20AC")");
  CHECK(json_of("😀") == R"("\uD83D\uDE00")");
  // Not UTF-8: alone, cut off, overlong, a surrogate, too large.
  CHECK(json_of("a\xff") == R"("a?")");
  CHECK(json_of("\xe2\x82") == R"("??")");
  CHECK(json_of("\xc0\xaf") == R"("??")");
  CHECK(json_of("\xed\xa0\x80") == R"("???")");
  CHECK(json_of("\xf4\x90\x80\x80") == R"("????")");
}

TEST_CASE("text of a snapshot may be longer than its blocks", "[snapshot]") {
  const std::string plain(3000000, 'a');
  CHECK(json_of(plain) == "\"" + plain + "\"");
  std::string special;
  std::string expected = "\"";
  for (int i = 0; i < 300000; ++i) {
    special += "ä";
    expected += "\\u00E4";
  }
  CHECK(json_of(special) == expected + "\"");
}

TEST_CASE("a redacted string keeps its length and its sameness", "[snapshot]") {
  const Redactor redactor;
  const Redactor other;
  for (const std::string& text : {"user@example.com"s, "x"s, "größer"s, "😀😀"s, std::string()}) {
    CHECK(redactor.token(text).size() == count_units(text));
    CHECK(redactor.token(text) == redactor.token(text));
  }
  const std::string card = "4111 1111 1111 1111";
  CHECK(redactor.token(card) != card);
  CHECK(redactor.token(card) != redactor.token("4111 1111 1111 1112"));
  CHECK(redactor.token(card) != other.token(card));
  CHECK(redactor.token(std::string(100000, 'a')).size() == 100000);
}

TEST_CASE("tokens are SipHash-2-4", "[snapshot]") {
  // The hash of its authors' paper, 0xa129ca6149be45e5, five bits a letter from the lowest.
  const Redactor redactor({0x0706050403020100, 0x0f0e0d0c0b0a0908});
  std::string message;
  for (char byte = 0; byte < 15; ++byte) message += byte;
  CHECK(redactor.token(message) == "frt65efnkqkckfr");
}

TEST_CASE("redaction leaves names alone", "[snapshot]") {
  const Redactor redactor;
  SnapshotStrings strings{{.redactor = &redactor}};
  CHECK(strings.at(strings.name("password")) == "password");
  const std::string token(strings.at(strings.contents("password")));
  CHECK(token != "password");
  CHECK(strings.contents_text("password") == token);
  CHECK(strings.contents("password") == strings.contents("password"));
}

}  // namespace
}  // namespace corewalk
