#pragma once

#include <string_view>

namespace corewalk {

/// Where a long answer goes, piece by piece.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Throws Failure(kUsage) that says why nothing more can be written.
  virtual void write(std::string_view bytes) = 0;
  /// Writes what is held back. Nothing may be written after it.
  virtual void finish() = 0;
};

}  // namespace corewalk
