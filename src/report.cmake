# Writers of answers: text, JSON, heap snapshots. They know no V8.
corewalk_layer(report
  SOURCES
    report/compressed_sink.cc
    report/escape.cc
    report/heap_snapshot_writer.cc
    report/json_writer.cc
    report/output_file.cc
    report/random_key.cc
    report/redactor.cc
    report/secrets.cc
    report/snapshot_file.cc
    report/snapshot_ids.cc
    report/snapshot_pruner.cc
    report/snapshot_schema.cc
    report/snapshot_strings.cc
    report/snapshot_text.cc
    report/table.cc
    report/units.cc
  USES corewalk_base nlohmann_json::nlohmann_json)
target_link_libraries(corewalk_report PRIVATE fmt::fmt ZLIB::ZLIB Zstd::Zstd)
