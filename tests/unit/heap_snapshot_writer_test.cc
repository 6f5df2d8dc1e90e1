#include "report/heap_snapshot_writer.h"

#include <nlohmann/json.hpp>

#include "base/failure.h"
#include "support/catch.h"
#include "support/list_snapshot.h"

namespace corewalk {
namespace {

using test::ListSnapshot;
using test::ListSource;

class StringSink final : public ByteSink {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  void finish() override {}
  std::string text;
};

/// Stops after some polls.
class Impatient final : public Progress {
 public:
  explicit Impatient(int polls) : polls_(polls) {}
  void begin(std::string_view /*stage*/, uint64_t /*total*/) override {}
  void advance(uint64_t /*units*/) override {}
  void end() override {}
  [[nodiscard]] bool interrupted() const override { return --polls_ < 0; }

 private:
  mutable int polls_;
};

ListSnapshot small_snapshot() {
  ListSnapshot snapshot;
  snapshot.nodes = {
      {.type = SnapshotNodeType::kSynthetic,
       .name = "",
       .id = 1,
       .edges = {{.type = SnapshotEdgeType::kElement, .index = 1, .to = 1}}},
      {.type = SnapshotNodeType::kObject,
       .name = "Session",
       .id = 3,
       .self_size = 24,
       .detachedness = 2,
       .edges = {{.type = SnapshotEdgeType::kProperty, .name = "user", .to = 2},
                 {.type = SnapshotEdgeType::kWeak, .name = "Session", .to = 1}}},
      {.type = SnapshotNodeType::kString,
       .name = "a\"b",
       .id = 5,
       .self_size = uint64_t{1} << 32,
       .contents = true},
  };
  snapshot.locations = {{.node = 1, .script_id = 9, .line = 3, .column = 16}};
  snapshot.extra_native_bytes = 7;
  return snapshot;
}

std::string write(const ListSnapshot& snapshot, const SnapshotSchema& schema,
                  SnapshotStatistics* statistics = nullptr) {
  ListSource source(snapshot);
  SnapshotStrings strings{{}};
  StringSink sink;
  NoProgress progress;
  const SnapshotStatistics result =
      HeapSnapshotWriter(schema, source, strings, sink).write(progress);
  if (statistics != nullptr) *statistics = result;
  return sink.text;
}

TEST_CASE("a snapshot as V8 14 writes it", "[snapshot]") {
  SnapshotStatistics statistics;
  const std::string text = write(small_snapshot(), {}, &statistics);
  const std::string header = snapshot_header({}, {.nodes = 3, .edges = 3, .extra_native_bytes = 7});
  CHECK(text == header +
                    "\"nodes\":[9,1,1,0,1,0,3,2,3,24,2,2,2,3,5,4294967295,0,0],\n"
                    "\"edges\":[1,1,6,2,4,12,6,2,6],\n"
                    "\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n"
                    "\"locations\":[6,9,3,16],\n"
                    "\"strings\":[\"<dummy>\",\"\",\"Session\",\"a\\\"b\",\"user\"]}");
  CHECK(statistics.nodes == 3);
  CHECK(statistics.edges == 3);
  CHECK(statistics.locations == 1);
  CHECK(statistics.strings == 5);
  CHECK(statistics.clamped_sizes == 1);
  CHECK(statistics.text_bytes == text.size());
  CHECK(statistics.string_bytes == 36);
  CHECK_FALSE(statistics.interrupted);
}

TEST_CASE("a snapshot as V8 12 writes it", "[snapshot]") {
  const SnapshotSchema schema = {.trace_node_id = true,
                                 .surplus_column_type = true,
                                 .extra_native_bytes = false,
                                 .line_feeds = true};
  const std::string text = write(small_snapshot(), schema);
  CHECK_THAT(text, test::contains_text("\"nodes\":[9,1,1,0,1,0,0\n,3,2,3,24,2,0,2\n"));
  CHECK_THAT(text, test::contains_text("\"edges\":[1,1,7\n,2,4,14\n,6,2,7\n],\n"));
  CHECK_THAT(text,
             test::contains_text("\"locations\":[7,9,3,16\n],\n\"strings\":[\"<dummy>\",\n\""));
}

TEST_CASE("the header of a snapshot names the columns that are written", "[snapshot]") {
  for (const bool trace : {false, true}) {
    for (const bool detachedness : {false, true}) {
      const SnapshotSchema schema = {.trace_node_id = trace, .detachedness = detachedness};
      const nlohmann::json file = nlohmann::json::parse(write(small_snapshot(), schema));
      const nlohmann::json& meta = file["snapshot"]["meta"];
      const size_t columns = meta["node_fields"].size();
      CHECK(columns == schema.node_fields());
      CHECK(file["nodes"].size() == 3 * columns);
      CHECK(file["snapshot"]["node_count"] == 3);
      CHECK(file["snapshot"]["edge_count"] == 3);
    }
  }
}

TEST_CASE("types of nodes stand in the header under V8's numbers", "[snapshot]") {
  const SnapshotSchema schema = {.wasm_object_type = true};
  const nlohmann::json file = nlohmann::json::parse(write(small_snapshot(), schema));
  const nlohmann::json& types = file["snapshot"]["meta"]["node_types"][0];
  const auto type = [&](SnapshotNodeType which) { return types[static_cast<size_t>(which)]; };
  CHECK(type(SnapshotNodeType::kNative) == "native");
  CHECK(type(SnapshotNodeType::kSlicedString) == "sliced string");
  CHECK(type(SnapshotNodeType::kObjectShape) == "object shape");
  CHECK(type(SnapshotNodeType::kWasmObject) == "wasm object");
  CHECK(file["snapshot"]["meta"]["edge_types"][0][static_cast<size_t>(SnapshotEdgeType::kWeak)] ==
        "weak");
}

TEST_CASE("a snapshot that is interrupted says so", "[snapshot]") {
  const ListSnapshot snapshot = small_snapshot();
  for (int polls = 0; polls < 4; ++polls) {
    ListSource source(snapshot);
    SnapshotStrings strings{{}};
    StringSink sink;
    Impatient progress(polls);
    CHECK(HeapSnapshotWriter({}, source, strings, sink).write(progress).interrupted);
  }
}

TEST_CASE("a snapshot of more nodes than the format can number is refused", "[snapshot]") {
  class Huge final : public SnapshotSource {
   public:
    [[nodiscard]] SnapshotCounts counts() override {
      return {.nodes = 800000000, .edges = 0, .extra_native_bytes = 0};
    }
    void read_nodes(SnapshotOrdinal /*first*/, std::span<SnapshotNode> /*nodes*/,
                    SnapshotStrings& /*strings*/) override {}
    void read_edges(SnapshotOrdinal /*first*/, uint32_t /*count*/, SnapshotStrings& /*strings*/,
                    std::vector<SnapshotEdge>& /*edges*/) override {}
    void read_locations(SnapshotOrdinal /*first*/, uint32_t /*count*/,
                        std::vector<SnapshotLocation>& /*locations*/) override {}
  };
  Huge source;
  SnapshotStrings strings{{}};
  StringSink sink;
  NoProgress progress;
  CHECK_THROWS_AS(HeapSnapshotWriter({}, source, strings, sink).write(progress), Failure);
  CHECK(sink.text.empty());
}

}  // namespace
}  // namespace corewalk
