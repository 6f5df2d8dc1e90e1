#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/failure.h"
#include "report/snapshot_file.h"
#include "support/catch.h"
#include "support/list_snapshot.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

namespace fs = std::filesystem;
using test::ListSnapshot;
using test::ListSource;
using test::TempDirectory;

/// Interrupted from the start.
class Stopped final : public Progress {
 public:
  void begin(std::string_view /*stage*/, uint64_t /*total*/) override {}
  void advance(uint64_t /*units*/) override {}
  void end() override {}
  [[nodiscard]] bool interrupted() const override { return true; }
};

ListSnapshot some_strings() {
  ListSnapshot snapshot;
  snapshot.nodes = {
      {.type = SnapshotNodeType::kObject,
       .name = "Customer",
       .id = 1,
       .edges = {{.name = "card", .to = 1}, {.name = "copy", .to = 2}, {.name = "note", .to = 3}}},
      {.type = SnapshotNodeType::kString, .name = "4111 1111", .id = 3, .contents = true},
      {.type = SnapshotNodeType::kString, .name = "4111 1111", .id = 5, .contents = true},
      {.type = SnapshotNodeType::kString, .name = "card", .id = 7, .contents = true},
  };
  return snapshot;
}

nlohmann::json written(const SnapshotFileOptions& options) {
  const ListSnapshot snapshot = some_strings();
  ListSource source(snapshot);
  NoProgress progress;
  const SnapshotFileResult result = write_snapshot_file({}, source, options, {}, progress);
  CHECK(result.written_bytes == fs::file_size(options.path));
  CHECK(result.written_bytes == result.statistics.text_bytes);
  std::ifstream file(options.path);
  return nlohmann::json::parse(file);
}

/// The name of a node of a file with six columns.
std::string name_of(const nlohmann::json& file, size_t node) {
  return file["strings"][file["nodes"][node * 6 + 1].get<size_t>()];
}

TEST_CASE("a snapshot is written to a file", "[snapshot]") {
  const TempDirectory folder;
  const nlohmann::json file = written({.path = folder.path() / "a", .string_limit = {}});
  CHECK(name_of(file, 0) == "Customer");
  CHECK(name_of(file, 1) == "4111 1111");
  const nlohmann::json cut = written({.path = folder.path() / "a", .string_limit = 4});
  CHECK(name_of(cut, 0) == "Cust");
  CHECK(name_of(cut, 1) == "4111");
}

TEST_CASE("a redacted file holds names and no contents", "[snapshot]") {
  const TempDirectory folder;
  const nlohmann::json file =
      written({.path = folder.path() / "a", .string_limit = {}, .redact = true});
  CHECK(file.dump().find("4111") == std::string::npos);
  CHECK(name_of(file, 0) == "Customer");
  CHECK(name_of(file, 1).size() == 9);
  CHECK(name_of(file, 1) == name_of(file, 2));
  CHECK(name_of(file, 3) != "card");
  CHECK(file["strings"][file["edges"][1].get<size_t>()] == "card");
}

TEST_CASE("a pruned file holds no string of what was folded", "[snapshot]") {
  const TempDirectory folder;
  const fs::path path = folder.path() / "a";
  const ListSnapshot snapshot = some_strings();
  ListSource source(snapshot);
  NoProgress progress;
  const std::vector<SnapshotOrdinal> idom = {0, 0, 0, 0};
  const std::vector<uint64_t> retained = {100, 20, 30, 50};
  const std::vector<uint64_t> self = {0, 20, 30, 50};
  const PruneRequest prune = {{.idom = idom,
                               .retained_bytes = retained,
                               .self_bytes = self,
                               .groups = {},
                               .always_kept = {}},
                              40};
  const SnapshotFileResult result = write_snapshot_file(
      {}, source, {.path = path, .string_limit = {}, .redact = true}, prune, progress);
  CHECK(result.folded_objects == 2);
  CHECK(result.folds == 1);
  std::ifstream input(path);
  const nlohmann::json file = nlohmann::json::parse(input);
  REQUIRE(file["strings"].size() == 6);
  CHECK(name_of(file, 0) == "Customer");
  CHECK(name_of(file, 1) != "card");  // the contents
  CHECK(name_of(file, 1).size() == 4);
  CHECK(name_of(file, 2) == "(folded: 2 objects)");
  CHECK(file["strings"][4] == "card");  // the property
  CHECK(file["strings"][5] == "note");
}

TEST_CASE("a snapshot that is interrupted leaves no file", "[snapshot]") {
  const TempDirectory folder;
  const ListSnapshot snapshot = some_strings();
  ListSource source(snapshot);
  Stopped progress;
  const SnapshotFileOptions options = {.path = folder.path() / "a.zst", .string_limit = {}};
  CHECK(write_snapshot_file({}, source, options, {}, progress).statistics.interrupted);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a snapshot for which there is no room fails", "[snapshot]") {
  const ListSnapshot snapshot = some_strings();
  ListSource source(snapshot);
  NoProgress progress;
  const SnapshotFileOptions options = {.path = "/dev/full", .string_limit = {}};
  CHECK_THROWS_WITH(write_snapshot_file({}, source, options, {}, progress),
                    "/dev/full: cannot write: No space left on device.");
}

}  // namespace
}  // namespace corewalk
