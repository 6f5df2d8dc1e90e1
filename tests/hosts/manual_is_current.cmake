# docs/commands.md is written by the program: fails if COREWALK now writes another text than FILE.
execute_process(COMMAND ${COREWALK} manual --markdown OUTPUT_VARIABLE written
                COMMAND_ERROR_IS_FATAL ANY)
file(READ ${FILE} present)
if(NOT written STREQUAL present)
  message(FATAL_ERROR "${FILE} is out of date: run `make docs`.")
endif()
