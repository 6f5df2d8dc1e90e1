# Finds elfutils' libdw; provides LibDw::LibDw.
include(PlainLibrary)
find_plain_library(LibDw elfutils/libdw.h dw)
