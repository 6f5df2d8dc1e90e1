# One static library per folder of src/. The link lines are the architecture: a folder can include
# only what it links, so an arrow that points up does not build.

add_library(corewalk_options INTERFACE)
target_compile_options(corewalk_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum
  $<$<BOOL:${COREWALK_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What gcc guesses after inlining, wrongly in headers of libraries too: overlaps in "text" +
  # std::string (gcc 12, bug 105651), bounds in fmt 9 (gcc 13).
  target_compile_options(corewalk_options INTERFACE
    -Wno-restrict -Wno-error=array-bounds -Wno-error=stringop-overflow)
  if(COREWALK_SANITIZE)
    # In <regex>, by the checks that sanitizers put in (bug 105562).
    target_compile_options(corewalk_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(COREWALK_SANITIZE)
  target_compile_options(corewalk_options INTERFACE
    -fsanitize=${COREWALK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(corewalk_options INTERFACE -fsanitize=${COREWALK_SANITIZE})
endif()

# corewalk_layer(NAME [SOURCES files...] [USES layers or libraries...])
# Without SOURCES: a layer of headers only.
function(corewalk_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  if(arg_SOURCES)
    set(visibility PUBLIC)
    add_library(corewalk_${name} STATIC ${arg_SOURCES})
    target_link_libraries(corewalk_${name} PUBLIC ${arg_USES} PRIVATE corewalk_options)
  else()
    set(visibility INTERFACE)
    add_library(corewalk_${name} INTERFACE)
    target_link_libraries(corewalk_${name} INTERFACE ${arg_USES})
  endif()
  # A layer's own include path is a folder that holds this one layer, under its name.
  set(include_root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${name} ${include_root}/${name} SYMBOLIC)
  target_include_directories(corewalk_${name} ${visibility} ${include_root})
endfunction()
