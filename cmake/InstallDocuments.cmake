# What is installed beside the program and the plugin: man pages and completions, both written by the
# program itself from its list of commands, and the documents a user reads.
option(COREWALK_DOCUMENTS "Write man pages and completions (runs the program that was built)" ON)
if(CMAKE_CROSSCOMPILING OR COREWALK_SANITIZE)
  set(COREWALK_DOCUMENTS OFF)
endif()

# The names copyright and changelog.gz are those that Debian's policy asks for.
set(changelog ${CMAKE_BINARY_DIR}/changelog.gz)
add_custom_command(
  OUTPUT ${changelog}
  COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/CHANGELOG.md > ${changelog}
  DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md VERBATIM)
add_custom_target(changelog ALL DEPENDS ${changelog})
install(FILES README.md ${changelog} TYPE DOC)
install(FILES LICENSE TYPE DOC RENAME copyright)
install(DIRECTORY docs/ TYPE DOC)

if(COREWALK_DOCUMENTS)
  set(man_folder ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_MANDIR}/man1)
  set(completions ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_DATADIR}/completions)
  file(MAKE_DIRECTORY ${completions})
  add_custom_command(
    OUTPUT ${man_folder}/corewalk.1.gz
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${man_folder}
    COMMAND corewalk manual --man ${man_folder}
    COMMAND gzip -9nr ${man_folder}
    DEPENDS corewalk COMMENT "Writing man pages" VERBATIM)
  set(scripts "")
  foreach(shell IN ITEMS bash zsh fish)
    add_custom_command(
      OUTPUT ${completions}/corewalk.${shell}
      COMMAND corewalk completion ${shell} > ${completions}/corewalk.${shell}
      DEPENDS corewalk COMMENT "Writing the completion for ${shell}" VERBATIM)
    list(APPEND scripts ${completions}/corewalk.${shell})
  endforeach()
  add_custom_target(documents ALL DEPENDS ${man_folder}/corewalk.1.gz ${scripts})

  install(DIRECTORY ${man_folder} DESTINATION ${CMAKE_INSTALL_MANDIR})
  # Where each shell looks by itself, under /usr and under /usr/local.
  install(FILES ${completions}/corewalk.bash RENAME corewalk
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${completions}/corewalk.zsh RENAME _corewalk
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${completions}/corewalk.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
