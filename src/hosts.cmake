# What the hosts are made of: writers of answers, the commands, the shell program. The LLDB plugin
# uses the same commands (plugin/).
corewalk_layer(report
  SOURCES report/escape.cc report/json_writer.cc report/table.cc report/units.cc
  USES corewalk_base nlohmann_json::nlohmann_json)
target_link_libraries(corewalk_report PRIVATE fmt::fmt)

if(NOT TARGET corewalk_session)
  corewalk_layer(session USES corewalk_analysis)
endif()

corewalk_layer(commands
  SOURCES
    commands/answer.cc
    commands/argument_parser.cc
    commands/common_options.cc
    commands/doctor.cc
    commands/findjsinstances.cc
    commands/findjsobjects.cc
    commands/heap.cc
    commands/help.cc
    commands/help_text.cc
    commands/info.cc
    commands/isolates.cc
    commands/nodeinfo.cc
    commands/option_list.cc
    commands/registry.cc
    commands/signal_text.cc
    commands/terminal_progress.cc
    commands/version.cc
  USES corewalk_report corewalk_session)
target_link_libraries(corewalk_commands PRIVATE fmt::fmt CLI11::CLI11)
set_source_files_properties(commands/version.cc PROPERTIES
  COMPILE_DEFINITIONS COREWALK_VERSION="${PROJECT_VERSION}")
