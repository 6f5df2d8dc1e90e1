#include "report/snapshot_schema.h"

#include <string_view>

namespace corewalk {
namespace {

constexpr std::string_view kNodeTypes =
    R"("hidden","array","string","object","code","closure","regexp","number","native",)"
    R"("synthetic","concatenated string","sliced string","symbol","bigint")";

constexpr std::string_view kRestOfMeta =
    R"("edge_fields":["type","name_or_index","to_node"],)"
    R"("edge_types":[["context","element","property","internal","hidden","shortcut","weak"],)"
    R"("string_or_number","node"],)"
    R"("trace_function_info_fields":["function_id","name","script_name","script_id","line",)"
    R"("column"],"trace_node_fields":["id","function_info_index","count","size","children"],)"
    R"("sample_fields":["timestamp_us","last_assigned_id"],)"
    R"("location_fields":["object_index","script_id","line","column"]})";

std::string node_columns(const SnapshotSchema& schema) {
  std::string text = R"("node_fields":["type","name","id","self_size","edge_count")";
  if (schema.trace_node_id) text += R"(,"trace_node_id")";
  if (schema.detachedness) text += R"(,"detachedness")";
  text += R"(],"node_types":[[)";
  text += kNodeTypes;
  if (schema.object_shape_type) text += R"(,"object shape")";
  if (schema.wasm_object_type) text += R"(,"wasm object")";
  text += R"(],"string","number","number","number","number")";
  if (schema.surplus_column_type) text += R"(,"number")";
  return text + "],";
}

}  // namespace

std::string snapshot_header(const SnapshotSchema& schema, const SnapshotCounts& counts) {
  std::string text = R"({"snapshot":{"meta":{)" + node_columns(schema);
  text += kRestOfMeta;
  text += R"(,"node_count":)" + std::to_string(counts.nodes);
  text += R"(,"edge_count":)" + std::to_string(counts.edges);
  text += R"(,"trace_function_count":0)";
  if (schema.extra_native_bytes) {
    text += R"(,"extra_native_bytes":)" + std::to_string(counts.extra_native_bytes);
  }
  return text + "},\n";
}

}  // namespace corewalk
