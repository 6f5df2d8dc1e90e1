#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace corewalk::test {

/// A new, empty directory that is removed with all that is in it.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file (making the directories above it) and returns its path. An older file of the
  /// name is replaced, not rewritten, so that mappings of it stay intact.
  // NOLINTNEXTLINE(modernize-use-nodiscard): often only the file is wanted
  std::filesystem::path write(const std::filesystem::path& name,
                              std::span<const std::byte> bytes) const;

 private:
  std::filesystem::path path_;
};

}  // namespace corewalk::test
