#include <string>

#include "report/escape.h"
#include "report/json_writer.h"
#include "report/secrets.h"
#include "report/table.h"
#include "report/units.h"
#include "support/catch.h"

namespace corewalk {
namespace {

using namespace std::string_literals;

TEST_CASE("text of the target cannot control the terminal", "[report]") {
  CHECK(escape_for_terminal("Session") == "Session");
  CHECK(escape_for_terminal("Größe 大小 😀") == "Größe 大小 😀");
  CHECK(escape_for_terminal("\x1b[31mred\n\t\0"s) == R"(\x1B[31mred\x0A\x09\x00)");
  CHECK(escape_for_terminal("del\x7f") == R"(del\x7F)");
  // C1 controls, bidirectional overrides, line separators and invisible characters.
  // NOLINTNEXTLINE(misc-misleading-bidirectional): this is the text to be made harmless
  CHECK(escape_for_terminal("\u009b31m\u202Egnp.exe\u2028\uFEFF") ==
        R"(\u009B31m\u202Egnp.exe\u2028\uFEFF)");
}

TEST_CASE("bytes that are not UTF-8 are shown as bytes", "[report]") {
  CHECK(escape_for_terminal("a\xff"
                            "b") == R"(a\xFFb)");
  CHECK(escape_for_terminal("\xe5\xa4") == R"(\xE5\xA4)");                  // cut off
  CHECK(escape_for_terminal("\xc0\xaf") == R"(\xC0\xAF)");                  // overlong
  CHECK(escape_for_terminal("\xed\xa0\x80") == R"(\xED\xA0\x80)");          // surrogate
  CHECK(escape_for_terminal("\xf4\x90\x80\x80") == R"(\xF4\x90\x80\x80)");  // above U+10FFFF
}

TEST_CASE("long text is cut between characters", "[report]") {
  CHECK(shorten("short", 5) == "short");
  CHECK(shorten("something long", 8) == "somet...");
  CHECK(shorten("ööööö", 5) == "ööööö");
  CHECK(shorten("öööööö", 5) == "öö...");
  CHECK(display_width("öäü") == 3);
}

TEST_CASE("secrets are masked by the name of a variable and in URLs", "[report]") {
  CHECK(masked("AWS_SECRET_ACCESS_KEY", "abc") == "***");
  CHECK(masked("dbPassword", "abc") == "***");
  CHECK(masked("HOME", "/root") == std::nullopt);
  CHECK(masked("API_KEY", "") == std::nullopt);
  CHECK(masked("DB", "postgres://me:s3:c@r@db:5432/shop") == "postgres://me:***@db:5432/shop");
  CHECK(masked("PROXIES", "http://a:b@c,d http://e:f@g") == "http://a:***@c,d http://e:***@g");
  CHECK(masked("URL", "https://me@host:80/path:x@y") == std::nullopt);
  CHECK(masked("REDIS", "redis://:abc@cache") == "redis://:***@cache");
}

TEST_CASE("sizes are read as people write them", "[report]") {
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("64k") == 65536);
  CHECK(parse_size("1MB") == 1048576);
  CHECK(parse_size("1.5 GiB") == 1610612736);
  CHECK(parse_size("12b") == 12);
  CHECK_FALSE(parse_size(""));
  CHECK_FALSE(parse_size("MB"));
  CHECK_FALSE(parse_size("-1"));
  CHECK_FALSE(parse_size("1 parsec"));
  CHECK_FALSE(parse_size("1e30"));
  CHECK_FALSE(parse_size("99999999999 PB"));
  CHECK_FALSE(parse_size("nan"));
}

TEST_CASE("sizes are written for reading", "[report]") {
  CHECK(format_bytes(0) == "0 bytes");
  CHECK(format_bytes(1) == "1 byte");
  CHECK(format_bytes(1023) == "1023 bytes");
  CHECK(format_bytes(1024) == "1.0 KB");
  CHECK(format_bytes(1048575) == "1.0 MB");
  CHECK(format_bytes(5 << 20) == "5.0 MB");
  CHECK(format_bytes(uint64_t{3} << 40) == "3.0 TB");
}

Table make_table() {
  Table table({{"Instances", "count", ColumnKind::kCount, 10},
               {"Total Size", "shallow_bytes", ColumnKind::kBytes, 10},
               {"Name", "name"},
               {"", "sample_address", ColumnKind::kAddress, 0, Audience::kJsonOnly}});
  table.add_row({uint64_t{2}, uint64_t{48}, "Zlib", Address(0x1234)});
  table.add_row({uint64_t{1}, uint64_t{24}, "Evil\x1b[0m", std::monostate()});
  table.add_row({uint64_t{12345678901}, uint64_t{56}, "Big", Address(0x10)});
  return table;
}

TEST_CASE("tables look like llnode's", "[report]") {
  Table table = make_table();
  table.set_totals({uint64_t{12345678904}, uint64_t{128}, {}, {}});
  table.sort(std::array{SortKey{0}});
  CHECK(table.to_text({.left_titles = true}) ==
        " Instances   Total Size Name\n"
        " ----------- ---------- ----\n"
        "           1         24 Evil\\x1B[0m\n"
        "           2         48 Zlib\n"
        " 12345678901         56 Big\n"
        " ----------- ----------\n"
        " 12345678904        128\n");
  CHECK(table.to_text({}).starts_with("   Instances Total Size Name\n"));
}

TEST_CASE("tables are sorted by several columns, and cut at either end", "[report]") {
  Table table = make_table();
  table.sort(std::array{SortKey{2}});
  CHECK(table.rows().front()[2] == Cell("Big"));
  table.sort(std::array{SortKey{1, true}});
  CHECK(table.rows().front()[1] == Cell(uint64_t{56}));
  CHECK(table.keep_last(2) == 1);
  CHECK(table.rows().front()[1] == Cell(uint64_t{48}));
  CHECK(table.keep_first(1) == 1);
  CHECK(table.row_count() == 1);
  CHECK(table.keep_first(5) == 0);
}

TEST_CASE("colour comes only when told", "[report]") {
  CHECK(make_table().to_text({}).find('\x1b') == std::string::npos);
  CHECK(make_table().to_text({.color = true}).starts_with("\x1b[1m"));
}

TEST_CASE("a hostile name does not fill the screen", "[report]") {
  Table table(std::vector<Column>{{"Name", "name"}});
  table.add_row({std::string(1 << 20, 'x')});
  CHECK(table.to_text({}).size() < 400);
  CHECK(json_rows(table)[0]["name"].get<std::string>().size() == 1 << 20);
}

TEST_CASE("rows become JSON objects", "[report]") {
  const Json rows = json_rows(make_table());
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].dump() ==
        R"({"count":2,"shallow_bytes":48,"name":"Zlib","sample_address":"0x1234"})");
  CHECK(rows[1]["sample_address"].is_null());
}

TEST_CASE("JSON survives bytes that are not UTF-8", "[report]") {
  Json document = json_document("heap", 2);
  document["name"] = "a\xff";
  CHECK(write_json(document) ==
        "{\n  \"schema\": \"corewalk.heap/2\",\n  \"name\": \"a\uFFFD\"\n}\n");
}

}  // namespace
}  // namespace corewalk
