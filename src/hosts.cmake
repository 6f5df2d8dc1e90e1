# What the hosts are made of: the commands, the shell program. The LLDB plugin
# uses the same commands (plugin/).
corewalk_layer(commands
  SOURCES
    commands/address_argument.cc
    commands/address_list.cc
    commands/answer.cc
    commands/async_text.cc
    commands/bt.cc
    commands/argument_parser.cc
    commands/common_options.cc
    commands/core_options.cc
    commands/doctor.cc
    commands/dominators.cc
    commands/findjsinstances.cc
    commands/findjsobjects.cc
    commands/findrefs.cc
    commands/functions.cc
    commands/getactivehandles.cc
    commands/heap.cc
    commands/help.cc
    commands/help_text.cc
    commands/info.cc
    commands/inspect.cc
    commands/isolates.cc
    commands/listing_options.cc
    commands/modules.cc
    commands/nodeinfo.cc
    commands/option_list.cc
    commands/path.cc
    commands/registry.cc
    commands/retainers.cc
    commands/resource_text.cc
    commands/roots.cc
    commands/retention_text.cc
    commands/signal_text.cc
    commands/snapshot.cc
    commands/stack_text.cc
    commands/strings.cc
    commands/terminal_progress.cc
    commands/timers.cc
    commands/value_text.cc
    commands/source_list.cc
    commands/version.cc
    commands/whatis.cc
  USES corewalk_report corewalk_session)
target_link_libraries(corewalk_commands PRIVATE fmt::fmt CLI11::CLI11)
set_source_files_properties(commands/version.cc PROPERTIES
  COMPILE_DEFINITIONS COREWALK_VERSION="${PROJECT_VERSION}")

# The program and, beside it, the plugin lie in the build tree as they do when installed, so that one
# finds the other.
find_path(LibEdit_INCLUDE_DIR editline/readline.h)
find_library(LibEdit_LIBRARY edit)
mark_as_advanced(LibEdit_INCLUDE_DIR LibEdit_LIBRARY)
corewalk_layer(cli
  SOURCES
    cli/completion.cc
    cli/console_output.cc
    cli/host_commands.cc
    cli/interrupt.cc
    cli/line_reader.cc
    cli/lldb_setup.cc
    cli/manual.cc
    cli/program.cc
    cli/suggestions.cc
  USES corewalk_commands)
target_link_libraries(corewalk_cli PRIVATE fmt::fmt)
if(LibEdit_INCLUDE_DIR AND LibEdit_LIBRARY)
  target_compile_definitions(corewalk_cli PRIVATE COREWALK_HAVE_LIBEDIT)
  target_include_directories(corewalk_cli PRIVATE ${LibEdit_INCLUDE_DIR})
  target_link_libraries(corewalk_cli PRIVATE ${LibEdit_LIBRARY})
endif()
set(COREWALK_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/corewalk CACHE INTERNAL "Folder of the LLDB plugin")
file(RELATIVE_PATH plugin_from_bin
  /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${COREWALK_PLUGIN_DIR})
set_source_files_properties(cli/lldb_setup.cc PROPERTIES
  COMPILE_DEFINITIONS COREWALK_PLUGIN_FROM_BIN="${plugin_from_bin}")

add_executable(corewalk cli/main.cc)
target_link_libraries(corewalk PRIVATE corewalk_cli corewalk_options)
set_target_properties(corewalk PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_BINDIR})
install(TARGETS corewalk)
