# Finds elfutils' libelf; provides LibElf::LibElf.
include(PlainLibrary)
find_plain_library(LibElf gelf.h elf)
