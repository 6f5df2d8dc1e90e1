# Objects as nodes and edges, without V8.
corewalk_layer(graph
  SOURCES
    graph/class_totals.cc
    graph/depth_first_numbers.cc
    graph/dominator_tree.cc
    graph/merged_paths.cc
    graph/object_graph.cc
    graph/page_memory.cc
    graph/predecessors.cc
    graph/reachability.cc
    graph/retained_sizes.cc
    graph/shallow_sizes.cc
    graph/shortest_paths.cc
  USES corewalk_base)
# Each look-up of a node counts bits; without this, by a call. All x86-64 processors since 2008.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mpopcnt COREWALK_HAS_POPCNT)
if(COREWALK_HAS_POPCNT)
  target_compile_options(corewalk_graph PUBLIC -mpopcnt)
endif()
