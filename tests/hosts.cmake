# report, commands, cli: on a fake session that takes the place of the real one at link time.
add_executable(host_tests
  support/main.cc
  support/command_runner.cc
  support/fake_session.cc
  support/list_snapshot.cc
  support/temp_directory.cc
  unit/cli_test.cc
  unit/commands_node_test.cc
  unit/commands_objects_test.cc
  unit/commands_parser_test.cc
  unit/commands_snapshot_test.cc
  unit/commands_retention_test.cc
  unit/commands_target_test.cc
  unit/heap_snapshot_file_test.cc
  unit/heap_snapshot_ids_test.cc
  unit/heap_snapshot_pruner_test.cc
  unit/heap_snapshot_strings_test.cc
  unit/heap_snapshot_writer_test.cc
  unit/output_file_test.cc
  unit/report_test.cc)
target_include_directories(host_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(host_tests PRIVATE
  Catch2::Catch2 corewalk_options corewalk_cli ZLIB::ZLIB Zstd::Zstd)
add_test(NAME hosts COMMAND host_tests)
add_test(NAME hosts_manual
         COMMAND ${CMAKE_COMMAND} -DCOREWALK=$<TARGET_FILE:corewalk>
                 -DFILE=${PROJECT_SOURCE_DIR}/docs/commands.md
                 -P ${CMAKE_CURRENT_SOURCE_DIR}/hosts/manual_is_current.cmake)

# The two hosts side by side, on real cores, in every LLDB that is installed.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(hosts_folder ${CMAKE_CURRENT_SOURCE_DIR}/hosts)
add_test(NAME hosts_schema
         COMMAND Python3::Interpreter -B ${hosts_folder}/schema_test.py
                 --corewalk $<TARGET_FILE:corewalk>)
set_tests_properties(hosts_schema PROPERTIES
                     LABELS "hosts;cores" SKIP_RETURN_CODE 77 TIMEOUT 600)
if(COREWALK_PLUGIN)
  foreach(line IN ITEMS 12 22 26)
    add_test(NAME hosts_node${line}
             COMMAND Python3::Interpreter -B ${hosts_folder}/compare_hosts.py
                     --corewalk $<TARGET_FILE:corewalk> --plugin $<TARGET_FILE:corewalk-lldb>
                     --node ${line})
    set_tests_properties(hosts_node${line} PROPERTIES
                         LABELS "hosts;cores" SKIP_RETURN_CODE 77 TIMEOUT 1500)
  endforeach()
  add_test(NAME hosts_source_list
           COMMAND Python3::Interpreter -B ${hosts_folder}/source_list_test.py
                   --plugin $<TARGET_FILE:corewalk-lldb> --node 22)
  set_tests_properties(hosts_source_list PROPERTIES
                       LABELS "hosts;cores" SKIP_RETURN_CODE 77 TIMEOUT 600)
  add_test(NAME hosts_terminal
           COMMAND Python3::Interpreter -B ${hosts_folder}/terminal_test.py
                   --corewalk $<TARGET_FILE:corewalk> --plugin $<TARGET_FILE:corewalk-lldb>)
  set_tests_properties(hosts_terminal PROPERTIES LABELS "hosts;cores" TIMEOUT 600)
endif()
