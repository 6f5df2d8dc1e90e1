corewalk_layer(elf
  SOURCES
    elf/binary_locator.cc
    elf/build_id.cc
    elf/core_file.cc
    elf/elf_image.cc
    elf/elf_symbols.cc
    elf/file_mapping.cc
    elf/initial_stack.cc
    elf/loaded_modules.cc
    elf/notes.cc
    elf/process_image.cc
    elf/program_headers.cc
    elf/symbol_tables.cc
  USES corewalk_memory)
target_link_libraries(corewalk_elf PRIVATE LibElf::LibElf fmt::fmt)
