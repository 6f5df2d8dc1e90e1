#pragma once

#include <cstdint>
#include <memory>

#include "report/byte_sink.h"

namespace corewalk {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

/// A sink that compresses what it is given and passes it on to `next`, which must outlive it and is
/// finished with it. `kind` is not kNone.
[[nodiscard]] std::unique_ptr<ByteSink> make_compressed_sink(Compression kind, ByteSink& next);

}  // namespace corewalk
