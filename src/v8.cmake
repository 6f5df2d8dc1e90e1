# The layers that know V8, and the numbers made from it.
file(GLOB layout_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/v8/layouts/*.layout)
set(embedded ${CMAKE_CURRENT_BINARY_DIR}/embedded_layouts.cc)
add_custom_command(
  OUTPUT ${embedded}
  COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${embedded}" "-DFILES=${layout_files}"
          -P ${PROJECT_SOURCE_DIR}/cmake/EmbedLayouts.cmake
  DEPENDS ${layout_files} ${PROJECT_SOURCE_DIR}/cmake/EmbedLayouts.cmake
  COMMENT "Embedding V8 layouts" VERBATIM)

corewalk_layer(v8
  SOURCES
    ${embedded}
    v8/binary_facts.cc
    v8/byte_array.cc
    v8/collections.cc
    v8/constructor_name.cc
    v8/dispatch_table.cc
    v8/elements.cc
    v8/flat_string.cc
    v8/function_view.cc
    v8/gc_roots.cc
    v8/handles.cc
    v8/heap.cc
    v8/instance_type.cc
    v8/isolate_finder.cc
    v8/isolate_tables.cc
    v8/layout_check.cc
    v8/layout_library.cc
    v8/layout_parser.cc
    v8/layout_schema.cc
    v8/map_info.cc
    v8/object_view.cc
    v8/page_discovery.cc
    v8/page_table.cc
    v8/properties.cc
    v8/root_category.cc
    v8/roots.cc
    v8/scope_info.cc
    v8/size_calibration.cc
    v8/source_locator.cc
    v8/source_positions.cc
    v8/string_reader.cc
    v8/unfinished_gc.cc
  USES corewalk_memory fmt::fmt)

corewalk_layer(node
  SOURCES
    node/callback.cc
    node/closure.cc
    node/end_reason.cc
    node/environment.cc
    node/handle_facts.cc
    node/loop_clock.cc
    node/module_reader.cc
    node/native_object.cc
    node/object_reader.cc
    node/package_versions.cc
    node/process_facts.cc
    node/process_finder.cc
    node/process_object.cc
    node/request_facts.cc
    node/resource_reader.cc
    node/timer_reader.cc
  USES corewalk_v8 fmt::fmt nlohmann_json::nlohmann_json)

corewalk_layer(inspect
  SOURCES
    inspect/bigint_text.cc
    inspect/brief.cc
    inspect/buffer_contents.cc
    inspect/collection_sections.cc
    inspect/date_text.cc
    inspect/error_stack.cc
    inspect/field_sections.cc
    inspect/function_sections.cc
    inspect/path_words.cc
    inspect/property_sections.cc
    inspect/reference_label.cc
    inspect/sections.cc
    inspect/special_sections.cc
    inspect/value_reader.cc
  USES corewalk_v8 fmt::fmt)

corewalk_layer(analysis
  SOURCES
    analysis/async_chain_finder.cc
    analysis/census.cc
    analysis/census_walk.cc
    analysis/census_worker.cc
    analysis/describe.cc
    analysis/duplicate_strings.cc
    analysis/function_finder.cc
    analysis/instance_finder.cc
    analysis/page_audit.cc
    analysis/promise_waiters.cc
    analysis/reference_finder.cc
    analysis/reference_index.cc
    analysis/root_paths.cc
    analysis/row_namer.cc
    analysis/string_finder.cc
    analysis/string_matcher.cc
  USES corewalk_inspect TBB::tbb)
target_link_libraries(corewalk_analysis PRIVATE fmt::fmt)

corewalk_layer(heap_graph
  SOURCES
    heap_graph/class_census.cc
    heap_graph/edge_counter.cc
    heap_graph/edge_extraction.cc
    heap_graph/edge_lister.cc
    heap_graph/heap_graph.cc
    heap_graph/named_fields.cc
    heap_graph/node_namer.cc
    heap_graph/node_types.cc
    heap_graph/object_facts.cc
    heap_graph/object_index.cc
    heap_graph/object_plan.cc
    heap_graph/retention_graph.cc
    heap_graph/scope_cache.cc
    heap_graph/source_places.cc
  USES corewalk_graph corewalk_analysis)

corewalk_layer(stack
  SOURCES
    stack/assembler_frames.cc
    stack/baseline_position.cc
    stack/builtin_symbols.cc
    stack/code_finder.cc
    stack/frame_place.cc
    stack/frame_translation.cc
    stack/frame_walker.cc
    stack/js_frame_reader.cc
    stack/native_frame.cc
    stack/optimized_calls.cc
    stack/safepoint_table.cc
    stack/stack_finder.cc
    stack/stack_roots.cc
    stack/thread_walker.cc
  USES corewalk_v8 corewalk_unwind fmt::fmt)

corewalk_layer(session
  SOURCES
    session/address_locator.cc
    session/graph_describer.cc
    session/heap_snapshot.cc
    session/heap_snapshot_source.cc
    session/holder_finder.cc
    session/retention_answers.cc
    session/root_list.cc
    session/session.cc
    session/session_impl.cc
    session/snapshot_form.cc
    session/snapshot_pages.cc
    session/source_reader.cc
    session/target_layout.cc
    session/weak_holders.cc
  USES corewalk_heap_graph corewalk_inspect corewalk_node corewalk_stack corewalk_elf
       corewalk_report)
target_link_libraries(corewalk_session PRIVATE fmt::fmt)
