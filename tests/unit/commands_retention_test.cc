// The commands about who holds what, on the fake session.

#include "commands/retention_text.h"
#include "report/json_writer.h"
#include "support/catch.h"
#include "support/command_runner.h"
#include "support/fake_session.h"

namespace corewalk {
namespace {

using test::Answer;
using test::contains_text;
using test::fake_target;
using test::run;
using test::run_json;

TEST_CASE("references are named in DevTools' words", "[commands][retention]") {
  CHECK(edge_text({EdgeKind::kProperty, "user"}) == ".user");
  CHECK(edge_text({EdgeKind::kProperty, "#secret"}) == ".#secret");
  CHECK(edge_text({EdgeKind::kProperty, "my session"}) == "[\"my session\"]");
  CHECK(edge_text({EdgeKind::kElement, "3"}) == "[3]");
  CHECK(edge_text({EdgeKind::kContext, "cache"}) == "->cache");
  CHECK(edge_text({EdgeKind::kInternal, "table"}) == "{table}");
  CHECK(edge_text({EdgeKind::kHidden, "7"}) == "{7}");
  CHECK(edge_text({EdgeKind::kWeak, "2"}) == "[[2]]");
}

TEST_CASE("retainers prints a tree upwards, roots with their owners", "[commands][retention]") {
  test::reset_fake_target();
  const Answer answer = run("retainers 0x2f1b3c04a9a1");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        "0x2f1b3c04a9a1 Session: retains 4512 bytes, 96 of them its own; distance 5\n"
        " Distance   Retained Held by\n"
        " -------- ---------- -------\n"
        "        4       9000 [17] of Array 0x3001\n"
        "        3       9100   ->cache of system / Context 0x3101\n"
        "        -          -     (Global handles) of TCP\\x1BWrap\n"
        "                         ... 12 more\n"
        "        6       4600 [\"my session\"] of Timeout 0x3201 (shown above)\n"
        "        -         16 [[2]] of WeakRef 0x3301 (weak)\n"
        "                     ... 3 more\n"
        "(--depth and --limit show more)\n");
}

TEST_CASE("retainers asks as it is told, within bounds", "[commands][retention]") {
  test::reset_fake_target();
  CHECK(run("retainers 0x3001").code == ExitCode::kDone);
  CHECK(fake_target().asked_retainers.depth == 4);
  CHECK(fake_target().asked_retainers.limit == 5);
  CHECK_FALSE(fake_target().asked_retainers.weak);
  CHECK(run("retainers --depth 1000000 -l 0 --weak 0x3001").code == ExitCode::kDone);
  CHECK(fake_target().asked_retainers.depth == 50);
  CHECK(fake_target().asked_retainers.limit == 0);
  CHECK(fake_target().asked_retainers.weak);
  CHECK(run("retainers --depth 0 0x3001").code == ExitCode::kDone);
  CHECK(fake_target().asked_retainers.depth == 1);
}

TEST_CASE("retainers --json has flat rows that name their parents", "[commands][retention]") {
  test::reset_fake_target();
  const Json answer = run_json("retainers 0x2f1b3c04a9a1 --json");
  CHECK(answer["schema"] == "corewalk.retainers/1");
  CHECK(answer["object"]["name"] == "Session");
  CHECK(answer["object"]["retained_bytes"] == 4512);
  CHECK(answer["live"] == true);
  CHECK(answer["hidden"] == 3);
  const Json& rows = answer["rows"];
  REQUIRE(rows.size() == 5);
  CHECK(rows[0]["parent"].is_null());
  CHECK(rows[0]["edge"] == Json({{"type", "element"}, {"name", "17"}}));
  CHECK(rows[1]["parent"] == 0);
  CHECK(rows[1]["hidden"] == 12);
  CHECK(rows[2]["parent"] == 1);
  CHECK(rows[2]["kind"] == "root");
  CHECK(rows[2]["address"].is_null());
  CHECK(rows[3]["parent"].is_null());
  CHECK(rows[3]["seen"] == true);
  CHECK(rows[4]["distance"].is_null());
}

TEST_CASE("of a dead object, retainers says so", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().retainers->is_live = false;
  const Answer answer = run("retainers 0x2f1b3c04a9a1");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text == "0x2f1b3c04a9a1 Session: unreachable: nothing holds it\n");
  CHECK(run_json("retainers 0x2f1b3c04a9a1 --json")["live"] == false);
}

TEST_CASE("retainers of no object is a mistake of the caller", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().retainers.reset();
  const Answer answer = run("retainers 0x10");
  CHECK(answer.code == ExitCode::kUsage);
  CHECK_THAT(answer.error, contains_text("no object at 0x10: 'v8 findjsinstances NAME'"));
  CHECK(run("retainers x").code == ExitCode::kUsage);
}

TEST_CASE("retainers of a damaged heap are a partial answer", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().retainers->extent.coverage.pages_missing = 1;
  CHECK(run("retainers 0x2f1b3c04a9a1").code == ExitCode::kPartial);
  fake_target().retainers->extent = {.coverage = {}, .interrupted = true};
  CHECK(run("retainers 0x2f1b3c04a9a1").code == ExitCode::kPartial);
}

TEST_CASE("path prints the shortest path in one line", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().paths->paths.resize(1);
  const Answer answer = run("path 0x2f1b3c04a9a1");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(fake_target().asked_paths == 1);
  CHECK(answer.text ==
        "(Global handles) of TCP\\x1BWrap -> module ./sessions.js -> closure variable cache -> Map "
        "-> value of \"k17\" -> Session\n");
}

TEST_CASE("path prints several, a line each", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().paths->more = true;
  const std::string text = run("path --all 2 0x2f1b3c04a9a1").text;
  CHECK(fake_target().asked_paths == 2);
  CHECK_THAT(text, contains_text("-> Session\n(Global handles) -> Registry.list -> Array[17] -> "
                                 "Session\n(There are more)\n"));
}

TEST_CASE("path -v prints a step a line, with addresses", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().paths->paths.resize(1);
  CHECK(run("path -v 0x2f1b3c04a9a1").text ==
        " Distance   Retained Object                          Holds by In words\n"
        " -------- ---------- ------------------------------- -------- --------\n"
        "        -          - (Global handles) of TCP\\x1BWrap          (Global handles) of "
        "TCP\\x1BWrap\n"
        "        2       9100 system / Context 0x3101         ->cache  module ./sessions.js -> "
        "closure variable cache\n"
        "        3       9000 Map 0x3201                      {table}  Map\n"
        "        4       8900 system / OrderedHashMap 0x3301  {7}      value of \"k17\"\n"
        "        5       4512 Session 0x2f1b3c04a9a1                   Session\n");
}

TEST_CASE("path --json has the line and every step", "[commands][retention]") {
  test::reset_fake_target();
  const Json answer = run_json("path --all 2 0x2f1b3c04a9a1 --json");
  CHECK(answer["schema"] == "corewalk.path/1");
  CHECK(answer["more"] == false);
  REQUIRE(answer["paths"].size() == 2);
  CHECK(answer["paths"][1]["text"] == "(Global handles) -> Registry.list -> Array[17] -> Session");
  const Json& hops = answer["paths"][0]["hops"];
  REQUIRE(hops.size() == 5);
  CHECK(hops[0]["object"]["owner"] == "TCP\x1bWrap");
  CHECK(hops[1]["edge"]["type"] == "context");
  CHECK(hops[2]["edge_words"].is_null());
  CHECK(hops[4]["edge"].is_null());
}

TEST_CASE("path of a dead object, and of none", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().paths->is_live = false;
  fake_target().paths->paths.clear();
  const Answer dead = run("path 0x2f1b3c04a9a1");
  CHECK(dead.code == ExitCode::kDone);
  CHECK(dead.text == "0x2f1b3c04a9a1 Session: unreachable: nothing holds it\n");
  fake_target().paths.reset();
  CHECK(run("path 0x10").code == ExitCode::kUsage);
  CHECK_THAT(run("path").error, contains_text("--class NAME"));
  CHECK(run("path 0x10 --class Session").code == ExitCode::kUsage);
}

TEST_CASE("path --class prints the paths of all instances as a tree", "[commands][retention]") {
  test::reset_fake_target();
  const Answer answer = run("path --class Session");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        "5012 Session, 12 of them unreachable: 5000 retain 500000 bytes\n"
        " Instances   Retained Held by\n"
        " --------- ---------- -------\n"
        "      5000     500000 (Global handles)\n"
        "      4000     400000   module ./sessions.js -> closure variable cache -> Map\n"
        "      3000     300000     value -> Session\n"
        "       900      90000     value -> Array[*] -> Sess\\x1Bion\n"
        "                          ... 4 more\n"
        "      1000     100000   Timeout.session -> Session\n");
  CHECK(fake_target().asked_class_paths.name == "Session");
  CHECK(fake_target().asked_class_paths.limit == 5);
  CHECK(fake_target().asked_class_paths.least_share == 100);
  CHECK(run("path --class Session --limit 0 --isolate 1").code == ExitCode::kDone);
  CHECK(fake_target().asked_class_paths.isolate == 1);
  CHECK(fake_target().asked_class_paths.least_share == 0);
  const Json answer_json = run_json("path --class Session --json");
  CHECK(answer_json["live_count"] == 5000);
  REQUIRE(answer_json["rows"].size() == 8);
  CHECK(answer_json["rows"][0]["edge"].is_null());
  CHECK(answer_json["rows"][5]["parent"] == 4);
  CHECK(answer_json["rows"][6]["parent"] == 0);
}

TEST_CASE("path --class of dead objects, and of none", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().class_paths = {.dead_count = 12};
  CHECK(run("path --class Session").text == "12 Session: unreachable: nothing holds them\n");
  fake_target().class_paths = {};
  const Answer none = run("path --class Nothing");
  CHECK(none.code == ExitCode::kUsage);
  CHECK_THAT(none.error, contains_text("no objects of 'Nothing'"));
}

TEST_CASE("dominators prints a tree downwards, with what is left out", "[commands][retention]") {
  test::reset_fake_target();
  const Answer answer = run("dominators");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        "   Retained     %      Own Object\n"
        " ---------- ----- -------- ------\n"
        "      18000 100.0        0 (root)\n"
        "       9000  50.0       96   Map 0x3201\n"
        "       8900  49.4       96     system / OrderedHashMap 0x3301\n"
        "       8000  44.4                ... 412000 more, all Session\n"
        "        200   1.1       96   Regi\\x1Bstry 0x3401\n"
        "        500   2.8            ... 30 more, 20 of them Object\n");
  CHECK_FALSE(fake_target().asked_dominators.word);
  CHECK(fake_target().asked_dominators.min_bytes == 0);
}

TEST_CASE("dominators asks as it is told, within bounds", "[commands][retention]") {
  test::reset_fake_target();
  CHECK(run("dominators --depth 100000 --limit 0 --min-size 1MB --isolate 1 0x3001").code ==
        ExitCode::kDone);
  CHECK(fake_target().asked_dominators.word == 0x3001);
  CHECK(fake_target().asked_dominators.depth == 100);
  CHECK(fake_target().asked_dominators.limit == 0);
  CHECK(fake_target().asked_dominators.min_bytes == 1 << 20);
  CHECK(fake_target().asked_dominators.isolate == 1);
  CHECK(run("dominators --isolate 7").code == ExitCode::kUsage);
}

TEST_CASE("dominators of a dead object, of none, and in JSON", "[commands][retention]") {
  test::reset_fake_target();
  const Json answer = run_json("dominators --json");
  CHECK(answer["schema"] == "corewalk.dominators/1");
  CHECK(answer["total_bytes"] == 18000);
  CHECK(answer["rows"][2]["parent"] == 1);
  CHECK(answer["rows"][2]["rest"]["commonest"] == "Session");
  CHECK(answer["rows"][3]["parent"] == 0);
  fake_target().dominators->is_live = false;
  fake_target().dominators->rows = {{.object = {.address = Address(0x3001), .name = "Session"}}};
  CHECK(run("dominators 0x3001").text == "0x3001 Session: unreachable: nothing holds it\n");
  fake_target().dominators.reset();
  CHECK(run("dominators 0x10").code == ExitCode::kUsage);
}

TEST_CASE("findjsobjects --live adds what is retained and the distance", "[commands][retention]") {
  test::reset_fake_target();
  std::vector<CensusRow>& rows = fake_target().census.rows;
  rows[0].retained_bytes = 900000;  // Session
  rows[0].distance = 3;
  rows[1].retained_bytes = 1050000;  // Buffer
  rows[1].distance = 7;
  rows.resize(2);
  const Answer answer = run("findjsobjects --live --sort retained");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(fake_target().asked_liveness == Liveness::kLive);
  CHECK(answer.text ==
        " Instances  Total Size External   Retained   Distance Name\n"
        " ---------- ---------- ---------- ---------- -------- ----\n"
        "       5000     400000          0     900000        3 Session\n"
        "         20       2000    1048576    1050000        7 Buffer\n"
        " ---------- ---------- ----------\n"
        "       5020     402000    1048576\n"
        "Counted in all 2 isolates; 'isolates' lists them, --isolate N shows one\n");
  CHECK_THAT(run("findjsobjects --live --sort distance --limit 1").text, contains_text("Buffer"));
  CHECK_THAT(run("findjsobjects --live --sort name --limit 1").text, contains_text("Buffer"));
  const Json json = run_json("findjsobjects --live --json");
  CHECK(json["liveness"] == "live");
  CHECK(json["rows"][0]["retained_bytes"] == 900000);
  CHECK(json["rows"][0]["distance"] == 3);
  CHECK_FALSE(run_json("findjsobjects --json").contains("liveness"));
  CHECK(run("findjsobjects -d --live").code == ExitCode::kUsage);  // shapes are of all objects
}

TEST_CASE("findjsobjects --dead has llnode's columns", "[commands][retention]") {
  test::reset_fake_target();
  const std::string text = run("findjsobjects --dead").text;
  CHECK(fake_target().asked_liveness == Liveness::kDead);
  CHECK_THAT(text, contains_text("External   Name\n"));
  CHECK(run_json("findjsobjects --dead --json")["liveness"] == "dead");
  CHECK(run("findjsobjects --dead --live").code == ExitCode::kUsage);
  CHECK(run("findjsobjects --dead --sort retained").code == ExitCode::kUsage);
  CHECK(run("findjsobjects --sort distance").code == ExitCode::kUsage);
}

TEST_CASE("inspect --retained adds what the object retains", "[commands][retention]") {
  test::reset_fake_target();
  fake_target().values[0x3001] = {.kind = ValueKind::kObject,
                                  .address = Address(0x3001),
                                  .type = "Session",
                                  .text = "<Object: Session>"};
  CHECK(run("inspect --retained 0x3001").text ==
        "0x3001:<Object: Session>\nretains 4512 bytes; distance 5\n");
  CHECK(run("inspect 0x3001").text == "0x3001:<Object: Session>\n");
  CHECK(run_json("inspect --retained --json 0x3001")["retention"] ==
        Json({{"live", true}, {"retained_bytes", 4512}, {"distance", 5}}));
  CHECK_FALSE(run_json("inspect --json 0x3001").contains("retention"));
  fake_target().retention->is_live = false;
  CHECK_THAT(run("inspect --retained 0x3001").text, contains_text("\nunreachable: nothing holds"));
  CHECK(run("inspect --retained @file").code == ExitCode::kUsage);
}

TEST_CASE("path --class shows a long way to its end", "[commands][retention]") {
  test::reset_fake_target();
  ClassPaths& found = fake_target().class_paths;
  const ClassPathRow row = found.rows[0];
  found.rows.clear();
  for (size_t depth = 0; depth < 6; ++depth) {
    found.rows.push_back(row);
    found.rows.back().depth = depth;
    found.rows.back().words = std::string(70, static_cast<char>('a' + depth));
  }
  const std::string text = run("path --class Session").text;
  CHECK_THAT(text, contains_text(" -> " + std::string(70, 'f') + "\n"));
}

TEST_CASE("roots counts by isolate and category", "[commands][retention]") {
  test::reset_fake_target();
  const Answer answer = run("roots");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        " Isolate Category       Strong Weak Objects\n"
        " ------- -------------- ------ ---- -------\n"
        "       0 Global handles      1    1       1\n"
        "       1 Stack roots         1    0       1\n");
  const Json json = run_json("roots --json --limit 1");
  CHECK(json["total"] == 3);
  REQUIRE(json["rows"].size() == 1);
  CHECK(json["rows"][0]["weak"] == 1);
  CHECK_FALSE(json.contains("roots"));
}

TEST_CASE("roots shows each with its owner", "[commands][retention]") {
  test::reset_fake_target();
  const Answer answer = run("roots -v --filter Global");
  CHECK_THAT(answer.text, contains_text("0x4001000: (Global handles) of TCP\\x1BWrap 1="));
  CHECK_THAT(answer.text, contains_text("0x4001020: (Global handles) 2="));
  CHECK_THAT(answer.text, contains_text("(weak)"));
  CHECK_THAT(answer.text, !contains_text("thread 4712"));
  CHECK_THAT(run("roots -v --filter Stack").text, contains_text("[isolate 1]"));
  const Json json = run_json("roots -v --json");
  REQUIRE(json["roots"].size() == 3);
  CHECK(json["roots"][1]["edge_type"] == "weak");
  CHECK(json["roots"][1]["keeps_alive"] == false);
  CHECK(json["roots"][2]["owner"] == "thread 4712, frame #3 handler");
}

}  // namespace
}  // namespace corewalk
