#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace corewalk {

/// A file mapped into memory, read-only and whole. Address space is used, memory is not: pages come
/// in as they are touched. The file must not be shortened by others while it is mapped.
class FileMapping {
 public:
  /// Maps `path`. `role` says in messages what the file is meant to be ("core file").
  /// Throws Failure(kUsage), with what to do about it, if it cannot be read, is a directory or a
  /// pipe, is empty, or is compressed.
  static FileMapping open(const std::filesystem::path& path, std::string_view role);

  FileMapping(FileMapping&& other) noexcept;
  FileMapping& operator=(FileMapping&& other) noexcept;
  FileMapping(const FileMapping&) = delete;
  FileMapping& operator=(const FileMapping&) = delete;
  ~FileMapping();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Stays where it is when *this is moved.
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  FileMapping(std::filesystem::path path, std::span<const std::byte> bytes)
      : path_(std::move(path)), bytes_(bytes) {}

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

}  // namespace corewalk
