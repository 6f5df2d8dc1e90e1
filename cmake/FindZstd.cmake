# Finds libzstd; provides Zstd::Zstd.
include(PlainLibrary)
find_plain_library(Zstd zstd.h zstd)
