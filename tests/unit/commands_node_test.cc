// What Node.js lists: handles, timers, modules.
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

TEST_CASE("getactivehandles prints the object first, then what is known", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("getactivehandles");
  CHECK(answer.code == ExitCode::kDone);
  CHECK_THAT(answer.text, contains_text(" fd=19, listening, callback=serve at "
                                        "/srv/app/server.js:12:15 [isolate 0]\n"));
  CHECK_THAT(answer.text, contains_text("(2 handles, 1 of them keep an event loop alive)\n"));
  CHECK_THAT(answer.text, !contains_text("connecting"));
}

TEST_CASE("getactivehandles escapes what the program named", "[commands]") {
  test::reset_fake_target();
  CHECK_THAT(run("getactivehandles").text, contains_text("name=SIG\\x1B[31m, unref [isolate 1]\n"));
}

TEST_CASE("getactivehandles can be narrowed", "[commands]") {
  test::reset_fake_target();
  CHECK_THAT(run("getactivehandles --filter ^TCP$").text, contains_text("(1 handle, 1 of"));
  const Json answer = run_json("getactivehandles --json --limit 1");
  CHECK(answer["total"] == 2);
  CHECK(answer["rows"].size() == 1);
  CHECK(answer["rows"][0]["resource"] == "TCPServerWrap");
  CHECK(answer["rows"][0]["facts"]["fd"] == 19);
  CHECK(answer["rows"][0]["facts"]["callback"]["line"] == 12);
  CHECK(run_json("getactivehandles --json --isolate 1")["total"] == 1);
}

TEST_CASE("getactivehandles says which handle it could not read", "[commands]") {
  test::reset_fake_target();
  fake_target().handles.problems = {"the libuv handle of 0x1 was not found"};
  const Answer answer = run("getactivehandles");
  CHECK(answer.code == ExitCode::kPartial);
  CHECK(answer.warnings.size() == 1);
}

TEST_CASE("getactiverequests of an idle process is empty", "[commands]") {
  test::reset_fake_target();
  CHECK(run("getactiverequests").text == "(0 requests)\n");
}

TEST_CASE("timers tell when they are due", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("timers").text;
  CHECK_THAT(text, contains_text(" delay_ms=30000, repeats, due_in_ms=-4, callback=sweep at "));
  CHECK_THAT(text, contains_text(" unref\n(2 timers, 1 of them keep an event loop alive)\n"));
  const Json rows = run_json("timers --json")["rows"];
  CHECK(rows[0]["due_in_ms"] == -4);
  CHECK(rows[1]["kind"] == "immediate");
  CHECK(rows[1]["delay_ms"].is_null());
  CHECK(run_json("timers --json --filter sweep")["total"] == 1);
}

TEST_CASE("modules tell file, package and version", "[commands]") {
  test::reset_fake_target();
  const std::string text = run("modules").text;
  CHECK_THAT(text, contains_text(" /srv/node_modules/express/index.js, package=express@4.21.2, "
                                 "loaded, children=1\n"));
  CHECK_THAT(text, contains_text(" file:///srv/app.mjs\n(2 modules)\n"));
  const Json rows = run_json("modules --json --filter mjs$")["rows"];
  CHECK(rows.size() == 1);
  CHECK(rows[0]["cached"].is_null());
}

}  // namespace
}  // namespace corewalk
