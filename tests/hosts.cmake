# report, commands, cli: on a fake session that takes the place of the real one at link time.
add_executable(host_tests
  support/main.cc
  support/command_runner.cc
  support/fake_session.cc
  unit/cli_test.cc
  unit/commands_objects_test.cc
  unit/commands_parser_test.cc
  unit/commands_target_test.cc
  unit/report_test.cc)
target_include_directories(host_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(host_tests PRIVATE Catch2::Catch2 corewalk_options corewalk_cli)
add_test(NAME hosts COMMAND host_tests)
