corewalk_layer(unwind
  SOURCES unwind/expression.cc unwind/native_unwinder.cc unwind/registers.cc
          unwind/table_check.cc unwind/unwind_table.cc
  USES corewalk_memory)
target_link_libraries(corewalk_unwind PRIVATE LibDw::LibDw LibElf::LibElf fmt::fmt)
