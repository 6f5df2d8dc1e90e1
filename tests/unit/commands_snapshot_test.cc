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

TEST_CASE("snapshot says what it wrote", "[commands]") {
  test::reset_fake_target();
  const Answer answer = run("snapshot -o /tmp/a.heapsnapshot");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        "/tmp/a.heapsnapshot: 133690 nodes, 526541 edges, 10.0 MB of heap (isolate 0); 1.4 MB\n");
  CHECK(answer.warnings.empty());
  const Json json = run_json("snapshot -o a.heapsnapshot.zst --redact --json");
  CHECK(json["schema"] == "corewalk.snapshot/1");
  CHECK(json["file"] == "a.heapsnapshot.zst");
  CHECK(json["nodes"] == 133690);
  CHECK(json["written_bytes"] == 1500000);
  CHECK(json["redacted"] == true);
}

TEST_CASE("snapshot hands its options on", "[commands]") {
  test::reset_fake_target();
  CHECK(run("snapshot -o a.heapsnapshot --string-limit 1024 --redact --prune 1MB --isolate 1")
            .error.empty());
  const SnapshotOptions& options = fake_target().snapshot_options;
  CHECK(options.file.path == "a.heapsnapshot");
  CHECK(options.file.string_limit == 1024U);
  CHECK(options.file.redact);
  CHECK(options.prune_bytes == 1 << 20);
  CHECK(options.isolate == 1U);

  CHECK(run("snapshot -o a.heapsnapshot").error.empty());
  CHECK_FALSE(options.file.string_limit);
  CHECK_FALSE(options.isolate);
}

TEST_CASE("snapshot wants a file", "[commands]") {
  test::reset_fake_target();
  CHECK_THAT(run("snapshot").error, contains_text("Give the file to write: -o NAME.heapsnapshot"));
  CHECK_THAT(run("snapshot -o - --json").error, contains_text("both want standard output"));
  CHECK(run("snapshot -o -").text.empty());
}

TEST_CASE("snapshot warns of what readers will not take", "[commands]") {
  test::reset_fake_target();
  CHECK(run("snapshot -o a.heapsnapshot.gz").warnings.empty());
  CHECK(run("snapshot -o a.json").warnings ==
        std::vector<std::string>{"Chrome DevTools opens only files whose names end in "
                                 ".heapsnapshot"});
  SnapshotStatistics& file = fake_target().snapshot.file.statistics;
  file.clamped_sizes = 1;
  file.string_bytes = uint64_t{700} << 20;
  const Answer answer = run("snapshot -o a.heapsnapshot");
  REQUIRE(answer.warnings.size() == 2);
  CHECK_THAT(answer.warnings[0], contains_text("1 object of 4 GiB and more"));
  CHECK_THAT(answer.warnings[1], contains_text("the strings take 700.0 MB"));
  CHECK_THAT(answer.warnings[1], contains_text("--string-limit 1024"));
}

TEST_CASE("snapshot says what it folded, and what it lacks", "[commands]") {
  test::reset_fake_target();
  fake_target().snapshot.file.folded_objects = 12345;
  fake_target().snapshot.file.folds = 12;
  CHECK_THAT(
      run("snapshot -o a.heapsnapshot --prune 1MB").text,
      contains_text("12345 objects that retain less than 1.0 MB are folded into 12 nodes\n"));
  fake_target().snapshot.coverage.pages_missing = 2;
  const Answer answer = run("snapshot -o a.heapsnapshot");
  CHECK(answer.code == ExitCode::kPartial);
  REQUIRE(answer.warnings.size() == 1);
  CHECK_THAT(answer.warnings[0], contains_text("2 heap pages missing"));
}

TEST_CASE("a snapshot that was interrupted is not there", "[commands]") {
  test::reset_fake_target();
  fake_target().snapshot.file.statistics.interrupted = true;
  const Answer answer = run("snapshot -o a.heapsnapshot");
  CHECK(answer.code == ExitCode::kPartial);
  CHECK(answer.text.empty());
  CHECK(answer.warnings == std::vector<std::string>{"interrupted: no file was written"});
}

TEST_CASE("snapshot --find leads from ids to addresses", "[commands]") {
  test::reset_fake_target();
  Value value;
  value.address = Address(0x2f1b3c04a9a1);
  value.text = "<Object: Session>";
  fake_target().values[0x2f1b3c04a9a1] = value;
  const Answer answer = run("snapshot --find @262171 --find 262172 --find @5");
  CHECK(answer.code == ExitCode::kDone);
  CHECK(answer.text ==
        "@262171: 0x2f1b3c04a9a1:<Object: Session>\n"
        "@262172: outside the heap, of 0x2f1b3c04a9a1:<Object: Session>\n"
        "@5: no object of this core\n");
  const Json rows = run_json("snapshot --find @262171 --find @5 --json")["rows"];
  CHECK(rows[0]["address"] == "0x2f1b3c04a9a1");
  CHECK(rows[1]["address"].is_null());
  CHECK_THAT(run("snapshot --find 0x1234").error, contains_text("is no id of a node"));
  CHECK_THAT(run("snapshot --find 4294967296").error, contains_text("is no id of a node"));
}

}  // namespace
}  // namespace corewalk
