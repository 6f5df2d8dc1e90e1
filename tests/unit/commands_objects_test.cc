#include "report/json_writer.h"
#include "support/catch.h"
#include "support/command_runner.h"
#include "support/fake_session.h"

namespace corewalk {
namespace {

using test::Answer;
using test::CommandRunner;
using test::contains_text;
using test::fake_target;
using test::run;
using test::run_json;

TEST_CASE("findjsobjects prints llnode's table, fewest instances first", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("findjsobjects");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.warnings.empty());
  CHECK(answer.text ==
        " Instances  Total Size External   Name\n"
        " ---------- ---------- ---------- ----\n"
        "          1         96          0 Zlib\n"
        "         20       2000    1048576 Buffer\n"
        "       5000     400000          0 Session\n"
        "       9000     720000          0 (string)\n"
        " ---------- ---------- ----------\n"
        "      14021    1122096    1048576\n"
        "Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one\n"
        "Not shown: 1000 objects that V8 keeps for itself, 234000 bytes (228.5 KB); --internals "
        "shows them\n");
}

TEST_CASE("findjsobjects sorts, and cuts at the small end", "[commands]") {
  test::reset_fake_target();
  const std::string by_size = run("findjsobjects --sort size --limit 1").text;
  CHECK_THAT(by_size, contains_text("720000          0 (string)\n"));
  CHECK_THAT(by_size, !contains_text("Session"));
  CHECK_THAT(by_size, contains_text("Not shown: 3 rows, included in the totals (--limit)\n"));
  CHECK_THAT(by_size, contains_text("      14021    1122096    1048576\n"));
  const std::string by_name = run("findjsobjects --sort name --limit 2").text;
  CHECK_THAT(by_name, contains_text("(string)\n         20       2000    1048576 Buffer\n -"));
}

TEST_CASE("findjsobjects filters by name and by size", "[commands]") {
  test::reset_fake_target();
  CHECK_THAT(run("findjsobjects --filter ^S").text,
             contains_text("5000     400000          0 Session\n ---------- ---------- ----------\n"
                           "       5000     400000          0\n"));
  const std::string large = run("findjsobjects --min-size 500KB").text;
  CHECK_THAT(large, contains_text("Buffer"));  // by what it holds outside of the heap
  CHECK_THAT(large, !contains_text("Session"));
  const Answer bad = run("findjsobjects --filter (string");
  CHECK(bad.code == ExitCode::kUsage);
  CHECK_THAT(bad.error, contains_text("'(string' is not a regular expression"));
}

TEST_CASE("findjsobjects shows V8's own objects under a heading of their own", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("findjsobjects --internals").text;
  CHECK_THAT(text, contains_text("\nV8 internals\n Instances  Total Size External   Name\n"));
  CHECK_THAT(text, contains_text("       1000     234000          0\n"));
  CHECK_THAT(text, contains_text("Both together: 15021 objects, 1356096 bytes (1.3 MB)"));
  CHECK_THAT(text, !contains_text("Not shown"));
}

TEST_CASE("findjsobjects -d prints one row per shape", "[commands]") {
  test::reset_fake_target();
  CHECK(
      run("findjsobjects -d").text ==
      "    Sample Obj.  Instances  Total Size   External  Properties  Elements Name\n"
      " -------------- ---------- ----------- ---------- ----------- --------- ----\n"
      " 0x2f1b3c04a9a1         10         800          0        1200         0 Session: "
      "(dictionary)\n"
      " 0x2f1b3c04a9a1       4990      399200          0           3         0 Session: id, user, "
      "created\n"
      "                ---------- ----------- ----------\n"
      "                      5000      400000          0\n"
      "Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one\n");
}

TEST_CASE("findjsobjects --json has the largest rows first", "[commands]") {
  test::reset_fake_target();
  const Json answer = run_json("findjsobjects --json --limit 2");
  CHECK(answer["schema"] == "corewalk.findjsobjects/1");
  CHECK(answer["core"]["pid"] == 4711);
  CHECK(answer["core"]["node"] == "22.23.3");
  CHECK(answer["core"]["build_id_verdict"] == "match");
  CHECK(answer["coverage"]["complete"] == true);
  CHECK(answer["totals"]["count"] == 14021);
  REQUIRE(answer["rows"].size() == 2);
  CHECK(answer["rows"][0]["name"] == "(string)");
  CHECK(answer["rows"][0]["sample_address"] == "0x3328");
  CHECK_FALSE(answer.contains("internal_rows"));
  CHECK(run_json("findjsobjects --json --internals")["internal_rows"].size() == 2);
  const Json shapes = run_json("findjsobjects --json -d");
  CHECK(shapes["rows"][0]["properties"] == Json({"id", "user", "created"}));
}

TEST_CASE("an incomplete heap is said first, and by the exit code", "[commands]") {
  test::reset_fake_target();
  fake_target().census.coverage.pages_missing = 3;
  fake_target().census.coverage.damaged_bytes = 2048;
  fake_target().process.warnings = {"the core file is \x1b[31mtruncated"};
  const Answer answer = run("findjsobjects");
  CHECK(answer.code == ExitCode::kPartial);
  REQUIRE(answer.warnings.size() == 2);
  CHECK(answer.warnings[0] == "the core file is \\x1B[31mtruncated");
  CHECK_THAT(answer.warnings[1], contains_text("3 heap pages missing, 2.0 KB damaged"));
  CHECK_THAT(answer.warnings[1], contains_text("lower bounds"));
}

TEST_CASE("an interrupted count is a lower bound", "[commands]") {
  test::reset_fake_target();
  fake_target().census.interrupted = true;
  const Answer answer = run("findjsobjects");
  CHECK(answer.code == ExitCode::kPartial);
  CHECK(answer.warnings == std::vector<std::string>{"interrupted: all numbers are lower bounds"});
}

TEST_CASE("an isolate that does not exist is refused", "[commands]") {
  test::reset_fake_target();
  CHECK(run("findjsobjects --isolate 1").code == ExitCode::kDone);
  const Answer answer = run("findjsobjects --isolate 2");
  CHECK(answer.code == ExitCode::kUsage);
  CHECK_THAT(answer.error, contains_text("There is no isolate 2: the process has 2 isolates."));
}

TEST_CASE("findjsinstances lists all without -n", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("findjsinstances Class_B");
  CHECK_THAT(answer.text, Catch::Matchers::StartsWith("0x2f1b3c04a9a1:<Object: Class_B>\n"));
  CHECK_THAT(answer.text, Catch::Matchers::EndsWith("(Showing 1 to 10 of 10 instances)\n"));
  CHECK_THAT(answer.text, !contains_text(".........."));
}

TEST_CASE("findjsinstances turns the page when repeated", "[commands]") {
  test::reset_fake_target();
  CommandRunner runner;
  CHECK_THAT(runner.run("findjsinstances -n 5 Class_B").text,
             contains_text("..........\n(Showing 1 to 5 of 10 instances)\n"));
  const std::string second = runner.run("findjsinstances -n 5 Class_B").text;
  CHECK_THAT(second, contains_text("(Showing 6 to 10 of 10 instances)\n"));
  CHECK_THAT(second, !contains_text(".........."));
  CHECK_THAT(runner.run("findjsinstances -n 5 Class_B").text, contains_text("(Showing 1 to 5"));
  // Another question starts at the beginning.
  CHECK_THAT(runner.run("findjsinstances -n 3 Class_B").text, contains_text("(Showing 1 to 3"));
}

TEST_CASE("findjsinstances says when there are none", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("findjsinstances Nobody");
  CHECK(answer.code == ExitCode::kUsage);
  CHECK_THAT(answer.error, contains_text("No objects found with type name Nobody."));
  CHECK(run_json("findjsinstances Nobody --json")["total"] == 0);
}

TEST_CASE("findjsinstances -v shows what is in each, --json has sizes", "[commands]") {
  test::reset_fake_target();
  constexpr Address kFirst{0x2f1b3c04a9a1};
  Section properties{.kind = SectionKind::kProperties, .title = "properties", .total = 1};
  properties.members.push_back({.name = "x", .value = {.text = "<Smi: 1>"}});
  test::fake_target().values[kFirst.value()] = {.kind = ValueKind::kObject,
                                                .address = kFirst,
                                                .type = "Class_B",
                                                .text = "<Object: Class_B>",
                                                .sections = {properties}};
  CHECK_THAT(run("findjsinstances -v -n 1 Class_B").text,
             contains_text("0x2f1b3c04a9a1:<Object: Class_B properties {\n    .x=<Smi: 1>}>\n"));
  const Json answer = run_json("findjsinstances -n 2 Class_B --json");
  CHECK(answer["total"] == 10);
  CHECK(answer["rows"][1]["address"] == "0x2f1b3c04a9f1");
}

TEST_CASE("functions counts closures, filters, sorts and lists", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("functions").text;
  CHECK_THAT(text, contains_text(" 0x2f1b3c04aa09        12        768 (anonymous) <builtin>\n"
                                 " 0x2f1b3c0517b1      5210     333440 onIdle      "
                                 "/srv/session.js:41:16\n"));
  CHECK_THAT(text, contains_text("5222     334208"));
  CHECK_THAT(run("functions --name Idle").text, !contains_text("(anonymous)"));
  CHECK_THAT(run("functions --file /srv --sort file --limit 1").text, contains_text("onIdle"));
  CHECK_THAT(run("functions -l -n onIdle").text, contains_text("(5210 closures of 1 function)\n"));
  const Json answer = run_json("functions --json -l");
  CHECK(answer["totals"]["closures"] == 5222);
  CHECK(answer["rows"][0]["line"] == 41);
  CHECK(answer["rows"][0]["instances"] == Json({"0x2f1b3c0517b1"}));
  CHECK(answer["rows"][1]["file"].is_null());
}

TEST_CASE("strings shows what was found and what stands around it", "[commands]") {
  test::reset_fake_target();
  CHECK(run("strings order=17").text ==
        "0x2f1b3c04a9a1: sequential, 19 characters, 40 bytes: \"\\x1B[order=17]842...\"\n"
        "(The first 1 of 3 strings; --limit 0 shows all)\n");
  CHECK(run_json("strings order=17 --json")["rows"][0]["hit"] == "order=17");
  CHECK(run("strings").code == ExitCode::kUsage);
  CHECK(run("strings -d text").code == ExitCode::kUsage);
  CHECK_THAT(run("strings -e (").error, contains_text("'(' is not a regular expression"));
}

TEST_CASE("strings -d shows copies, the largest waste last", "[commands]") {
  test::reset_fake_target();
  test::fake_target().values[0x2f1b3c04a9a1] = {.kind = ValueKind::kString,
                                                .primitive = std::string("application/json")};
  const std::string text = run("strings -d").text;
  CHECK_THAT(text, contains_text("3168 application/json\n100 of 200 strings compared are copies"));
  CHECK_THAT(text, contains_text("7 cons, 0 sliced, 0 thin\n"));
  CHECK_THAT(run("strings -d --limit 1").text, contains_text("Not shown: 1 text with less waste"));
  const Json answer = run_json("strings -d --json");
  CHECK(answer["duplicates"]["waste_bytes"] == 3192);
  CHECK(answer["rows"][0]["text"] == "application/json");
}

TEST_CASE("print shows the line, inspect what is in the value", "[commands]") {
  test::reset_fake_target();
  Section variables{.kind = SectionKind::kVariables, .title = "variables", .total = 2};
  variables.members.push_back({.name = "x", .value = {.text = "<Smi: 1>"}});
  test::fake_target().values[0x1001] = {.kind = ValueKind::kInternal,
                                        .address = Address(0x1001),
                                        .type = "Context",
                                        .text = "<Context>",
                                        .sections = {variables}};
  CHECK(run("print 0x1001").text == "0x1001:<Context>\n");
  CHECK(run("i 0x1000+1").text ==
        "0x1001:<Context variables {\n    x=<Smi: 1>,\n"
        "    ... 1 more (-l 0 shows all)}>\n");
  const Json answer = run_json("inspect --json 0x1001");
  CHECK(answer["object"]["variables"][0]["name"] == "x");
  CHECK(answer["object"]["variables_total"] == 2);
  CHECK(run("inspect 0x2000").code == ExitCode::kUsage);
  CHECK(run("print").code == ExitCode::kUsage);
  CHECK_THAT(run("print nothing").error, contains_text("'nothing' is not an address"));
}

}  // namespace
}  // namespace corewalk
