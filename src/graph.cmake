# Objects as nodes and edges, without V8.
corewalk_layer(graph
  SOURCES
    graph/class_totals.cc
    graph/depth_first_numbers.cc
    graph/dominator_tree.cc
    graph/merged_paths.cc
    graph/object_graph.cc
    graph/predecessors.cc
    graph/reachability.cc
    graph/retained_sizes.cc
    graph/shallow_sizes.cc
    graph/shortest_paths.cc
  USES corewalk_base)
