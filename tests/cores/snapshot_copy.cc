// Reads a heap snapshot that V8 wrote and writes it again, by the writer under test. What comes out
// should be the same file.
//
//   snapshot_copy NODE_LINE SNAPSHOT COPY
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/failure.h"
#include "report/heap_snapshot_writer.h"
#include "report/output_file.h"
#include "session/snapshot_form.h"
#include "support/list_snapshot.h"
#include "v8/layout_library.h"

namespace corewalk {
namespace {

using nlohmann::json;
using test::ListSnapshot;

/// As the layout for this line of Node.js ("22") says.
SnapshotSchema schema_of(std::string_view node_line) {
  for (const v8::LayoutText& file : v8::built_in_layouts()) {
    const auto layout = v8::LayoutLibrary::parse(file.file_name, file.text);
    if (layout->node_line == node_line) return snapshot_schema(*layout);
  }
  throw Failure(ExitCode::kUsage, fmt::format("no layout for Node.js {}", node_line));
}

ListSnapshot list_of(const json& file, const SnapshotSchema& schema) {
  const json& strings = file["strings"];
  const json& nodes = file["nodes"];
  const json& edges = file["edges"];
  const json& locations = file["locations"];
  const uint32_t columns = schema.node_fields();
  ListSnapshot snapshot;
  size_t edge = 0;
  for (size_t at = 0; at < nodes.size(); at += columns) {
    ListSnapshot::Node& node = snapshot.nodes.emplace_back();
    node.type = static_cast<SnapshotNodeType>(nodes[at].get<int>());
    node.name = strings[nodes[at + 1].get<size_t>()];
    node.id = nodes[at + 2];
    node.self_size = nodes[at + 3];
    if (schema.detachedness) node.detachedness = nodes[at + columns - 1];
    for (uint32_t left = nodes[at + 4]; left != 0; --left, edge += 3) {
      const auto type = static_cast<SnapshotEdgeType>(edges[edge].get<int>());
      const uint32_t name_or_index = edges[edge + 1];
      node.edges.push_back(
          {.type = type,
           .name = has_index(type) ? "" : strings[name_or_index].get<std::string>(),
           .index = name_or_index,
           .to = edges[edge + 2].get<uint32_t>() / columns});
    }
  }
  for (size_t at = 0; at < locations.size(); at += 4) {
    snapshot.locations.push_back({.node = locations[at].get<uint32_t>() / columns,
                                  .script_id = locations[at + 1],
                                  .line = locations[at + 2],
                                  .column = locations[at + 3]});
  }
  snapshot.extra_native_bytes = file["snapshot"].value("extra_native_bytes", uint64_t{0});
  return snapshot;
}

int copy(const char* node_line, const char* from, const char* to) {
  std::ifstream input(from, std::ios::binary);
  const json file = json::parse(input);
  const SnapshotSchema schema = schema_of(node_line);
  const ListSnapshot snapshot = list_of(file, schema);
  test::ListSource source(snapshot);
  SnapshotStrings strings{{}};
  OutputFile output(to);
  NoProgress progress;
  const SnapshotStatistics statistics =
      HeapSnapshotWriter(schema, source, strings, output.sink()).write(progress);
  output.commit();
  fmt::print("{} nodes, {} edges, {} locations, {} strings\n", statistics.nodes, statistics.edges,
             statistics.locations, statistics.strings);
  return 0;
}

}  // namespace
}  // namespace corewalk

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: snapshot_copy NODE_LINE SNAPSHOT COPY\n";
    return 2;
  }
  try {
    return corewalk::copy(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
