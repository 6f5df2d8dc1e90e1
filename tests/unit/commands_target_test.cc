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

TEST_CASE("nodeinfo prints the process object as llnode does", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("nodeinfo");
  CHECK(answer.code == ExitCode::kDone);
  CHECK_THAT(answer.text,
             contains_text("Information for process id 4711 (process=0x2f1b3c004119)\n"
                           "Platform = linux, Architecture = x64, Node Version = v22.23.3\n"));
  CHECK_THAT(answer.text, contains_text("    [1] = '/srv/app/server.js'\n"));
  CHECK(run_json("nodeinfo --json")["versions"]["node"] == "22.23.3");
}

TEST_CASE("nodeinfo says what could not be read", "[commands]") {
  test::reset_fake_target();
  fake_target().node_info.platform.clear();
  fake_target().node_info.unreadable = {"process.platform: damaged"};
  const Answer answer = run("nodeinfo");
  CHECK(answer.code == ExitCode::kPartial);
  CHECK_THAT(answer.text, contains_text("Platform = unknown"));
  CHECK(answer.warnings == std::vector<std::string>{"could not read process.platform: damaged"});
}

TEST_CASE("nodeinfo masks what looks like a secret", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("nodeinfo").text;
  CHECK_THAT(text, contains_text("    API_TOKEN = '***'\n"));
  CHECK_THAT(text, contains_text("    HOME = '/srv'\n"));
  CHECK_THAT(text, contains_text("    DB = 'pg://me:***@db/shop'\n"));
  CHECK_THAT(text, contains_text("secrets are masked in 2 variables"));
  CHECK_THAT(text, contains_text("Started = 2023-11-14T22:13:20.000Z\n"));
  CHECK_THAT(text, contains_text("Uptime = at least 93784.500 s\n"));
  const Json answer = run_json("nodeinfo --json --show-secrets");
  CHECK(answer["masked"] == 0);
  CHECK(answer["environment"][2]["value"] == "pg://me:abc@db/shop");
}

TEST_CASE("isolates are listed with their threads", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("isolates").text;
  CHECK_THAT(text, contains_text("       0 main   0x5d0c000 0x5d0cdb0   4711    11   2883584\n"));
  CHECK_THAT(text, contains_text("       1 worker 0x7f10000 0x7f10db0      -     1    262144\n"));
  const Json rows = run_json("isolates --json")["rows"];
  CHECK(rows[1]["thread_id"].is_null());
  CHECK(rows[1]["role"] == "worker");
}

TEST_CASE("heap adds up the spaces", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("heap");
  CHECK_THAT(answer.text, contains_text("0 old              11     2883584"));
  CHECK_THAT(answer.text, contains_text("- read-only         1      262144"));
  CHECK_THAT(answer.text, contains_text("\n                          12     3145728"));
  CHECK(run_json("heap --json")["rows"][1]["isolate"].is_null());
}

TEST_CASE("info says what ended the process", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("info").text;
  CHECK_THAT(text, contains_text("Ended by      SIGABRT (abort), raised by the process itself\n"));
  CHECK_THAT(text, contains_text("Node.js       22.23.3 (V8 12.4.254.21-node.33)\n"));
  CHECK_THAT(text, contains_text("Executable    /usr/bin/node (match: the build-ids are equal)\n"));
  CHECK_THAT(text,
             contains_text("Memory        2 mappings: 4.0 KB in the core, 8.0 KB not saved\n"));
  const Json answer = run_json("info --json --mappings");
  CHECK(answer["signal"] == "SIGABRT");
  CHECK(answer["threads"][0]["signal"] == "SIGABRT");
  CHECK(answer["mappings"][0]["access"] == "r-x");
}

TEST_CASE("info tells a fault from a snapshot", "[commands]") {
  test::reset_fake_target();
  ProcessInfo& process = fake_target().process;
  process.signal->number = 11;
  process.signal->code = 1;
  process.signal->fault_address = Address(0x18);
  process.signal->sender_pid.reset();
  CHECK_THAT(run("info").text,
             contains_text("SIGSEGV (segmentation fault), no memory at the address at 0x18\n"));
  process.origin = CoreOrigin::kDebugger;
  CHECK_THAT(run("info").text, contains_text("a snapshot that a debugger took (gcore)"));
  process.origin = CoreOrigin::kUnknown;
  process.signal.reset();
  CHECK_THAT(run("info").text, contains_text("unknown: the core names no signal"));
}

TEST_CASE("info works without an executable and says where it was looked for", "[commands]") {
  test::reset_fake_target();
  fake_target().process.executable = {};
  fake_target().process.binary_search = "/usr/bin/node: no such file\n/opt/node: another build-id";
  CHECK_THAT(run("info").text,
             contains_text("Executable    not found\n              /usr/bin/node: no such file\n"
                           "              /opt/node: another build-id\n"));
}

TEST_CASE("doctor gives a verdict", "[commands]") {
  test::reset_fake_target();
  const Answer healthy = run("doctor");
  CHECK(healthy.code == ExitCode::kDone);
  CHECK_THAT(healthy.text, contains_text("  pass meta map: 1203 of 1203\n"));
  CHECK_THAT(healthy.text, contains_text("Everything checks out.\n"));

  fake_target().doctor.checks[0].passed = false;
  const Answer sick = run("doctor");
  CHECK(sick.code == ExitCode::kPartial);
  CHECK_THAT(sick.text, contains_text("  FAIL meta map"));

  fake_target().doctor.layout.clear();
  const Answer unknown = run("doctor --json");
  CHECK(unknown.code == ExitCode::kUnsupported);
  CHECK(Json::parse(unknown.text)["layout"].is_null());
}

TEST_CASE("version and help need no core", "[commands]") {
  CHECK_THAT(run("version").text, Catch::Matchers::StartsWith("corewalk "));
  CHECK(run_json("version --json")["schema"] == "corewalk.version/1");
  CHECK_THAT(run("help").text,
             contains_text("  findjsobjects           Count objects by constructor"));
  CHECK_THAT(run("help findjsobjects").text, contains_text("USAGE: v8 findjsobjects [flags]\n"));
  CHECK_THAT(run("heap --help").text, contains_text("USAGE: v8 heap [flags]\n"));
}

TEST_CASE("--no-color wins over a terminal with colours", "[commands]") {
  test::reset_fake_target();
  test::CommandRunner runner;
  runner.set_color(true);
  CHECK_THAT(runner.run("heap").text, contains_text("\x1b["));
  CHECK_THAT(runner.run("heap --no-color").text, !contains_text("\x1b["));
}

TEST_CASE("whatis says what an address lies in", "[commands]") {
  test::reset_fake_target();
  CHECK(run("whatis 0x10").text == "0x10: nothing: no mapping of the process\n");
  AddressInfo& place = test::fake_target().place;
  place.kind = PlaceKind::kObject;
  place.heap = {.chunk = Address(0x40000),
                .space = "old_space",
                .isolate = 0,
                .range = {Address(0x41000), uint64_t{48}},
                .object = Value{.address = Address(0x41001), .text = "<Object: Session>"},
                .field = ".user"};
  CHECK(run("whatis 0x41020").text ==
        "0x41020: 32 bytes into the 48 bytes of 0x41001:<Object: Session>, .user\n"
        "  old_space, page 0x40000, isolate 0\n");
  CHECK_THAT(run("whatis 0x41001").text, test::contains_text("0x41001: the 48 bytes of 0x41001:"));
  const Json answer = Json::parse(run("whatis 0x41020 --json").text);
  CHECK(answer["place"]["heap"]["offset"] == 32);
  place = {.kind = PlaceKind::kSymbol, .symbol = "main", .symbol_offset = 4};
  CHECK_THAT(run("whatis 0x10").text, test::contains_text("0x10: main+4\n"));
}

TEST_CASE("source list shows four lines, and the next ones when repeated", "[commands]") {
  test::reset_fake_target();
  test::CommandRunner runner;
  CHECK(runner.run("source list 0x2001").text ==
        "  20 line \\x1B20\n  21 line \\x1B21\n  22 line \\x1B22\n  23 line \\x1B23\n");
  CHECK_THAT(runner.run("source list 0x2001").text,
             Catch::Matchers::StartsWith("  24 line \\x1B24\n"));
  CHECK_THAT(runner.run("source list 0x2001 -l 28").text,
             Catch::Matchers::StartsWith("  28 line \\x1B28\n"));
  const Json answer = Json::parse(run("source 0x2001 -F --json").text);
  CHECK(answer["lines"].size() == 11);
  CHECK(answer["end_line"] == 30);
  CHECK(run("source list 0x0").code == ExitCode::kUsage);
  CHECK_THAT(run("source list").error, test::contains_text("ran no JavaScript"));
}

TEST_CASE("bt --async shows who waits for whom", "[commands]") {
  test::reset_fake_target();
  CHECK(run("bt --async").text ==
        "5000 chains:\n"
        "    promise 0x1001: not settled, and by no other promise\n"
        "    async query at /srv/db.js:12:16 (function at /srv/db.js:10:21) 0x2001\n"
        "5000 chains of 1 kind, 15000 pending promises\n");
  const Json answer = Json::parse(run("bt --async --json").text);
  CHECK(answer["async_chains"][0]["steps"][1]["position"]["line"] == 12);
}

}  // namespace
}  // namespace corewalk
