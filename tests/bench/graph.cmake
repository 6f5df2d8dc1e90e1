# Built on demand: ninja graph_bench
add_executable(graph_bench EXCLUDE_FROM_ALL
  bench/graph_bench.cc support/snapshot_graph.cc support/text_graph.cc)
target_include_directories(graph_bench PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(graph_bench PRIVATE
  corewalk_graph corewalk_options fmt::fmt nlohmann_json::nlohmann_json)
