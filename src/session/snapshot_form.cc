#include "session/snapshot_form.h"

#include <array>
#include <string_view>

namespace corewalk {
namespace {

struct Part {
  std::string_view name;
  bool SnapshotSchema::*value;
};

constexpr std::array<Part, 7> kParts = {{
    {"trace_node_id", &SnapshotSchema::trace_node_id},
    {"surplus_column_type", &SnapshotSchema::surplus_column_type},
    {"line_feeds", &SnapshotSchema::line_feeds},
    {"detachedness", &SnapshotSchema::detachedness},
    {"object_shape_type", &SnapshotSchema::object_shape_type},
    {"wasm_object_type", &SnapshotSchema::wasm_object_type},
    {"extra_native_bytes", &SnapshotSchema::extra_native_bytes},
}};

}  // namespace

SnapshotSchema snapshot_schema(const v8::Layout& layout) {
  const auto form = layout.enums.find("HeapSnapshot.form");
  // A layout file of a user's may leave it out.
  if (form == layout.enums.end()) return {};
  SnapshotSchema schema;
  for (const Part& part : kParts) {
    schema.*part.value = false;
    for (const auto& [number, name] : form->second) {
      if (name == part.name) schema.*part.value = true;
    }
  }
  return schema;
}

}  // namespace corewalk
