#pragma once

#include <filesystem>
#include <memory>

#include "report/byte_sink.h"
#include "report/compressed_sink.h"

namespace corewalk {

/// A file that appears under its name only when it is whole: what is written goes to a temporary
/// file beside it, which commit() renames; without commit() nothing stays. The file is its owner's
/// alone (mode 0600, as Node.js makes snapshots): it holds what the process held.
///
/// "-" is standard output; what exists and is no regular file (a pipe, /dev/null) is written in
/// place. Names that end in .gz and .zst are compressed.
class OutputFile {
 public:
  /// Throws Failure(kUsage) if the file cannot be made.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] ByteSink& sink();
  /// Bytes that have left so far, compressed if the file is.
  [[nodiscard]] uint64_t written_bytes() const;
  /// Finishes the sink and gives the file its name. Throws Failure(kUsage) if that is refused.
  void commit();

 private:
  class Descriptor;

  std::filesystem::path path_;
  std::filesystem::path temporary_;  ///< empty: written in place
  std::unique_ptr<Descriptor> plain_;
  std::unique_ptr<ByteSink> compressed_;
};

/// What a file of that name holds.
[[nodiscard]] Compression compression_of(const std::filesystem::path& path);

}  // namespace corewalk
