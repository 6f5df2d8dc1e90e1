#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "elf/build_id.h"
#include "elf/core_file.h"
#include "elf/elf_image.h"

namespace corewalk {

/// Where to look for the executable and, if V8 lives in one, its shared library.
struct BinarySearch {
  /// The one to use; then nowhere else is looked.
  std::optional<std::filesystem::path> executable;
  /// Use `executable` even if it is not the one that ran.
  bool force = false;
  /// Directories (--search-path): holding the file itself, `bin/` with it, or, as the root of an
  /// unpacked file system, the whole path the process knew.
  std::vector<std::filesystem::path> directories;
  /// As `directories`, asked after them: COREWALK_PATH.
  std::vector<std::filesystem::path> environment_directories;
  /// PATH: directories that may hold `node`.
  std::vector<std::filesystem::path> command_directories;
  /// corewalk's cache, with node/v*/bin/node in it.
  std::optional<std::filesystem::path> cache_directory;

  /// With what COREWALK_PATH, PATH, COREWALK_CACHE, XDG_CACHE_HOME and HOME say; the rest empty.
  static BinarySearch from_environment();
};

/// A module of the process with its file.
struct LocatedBinary {
  ElfImage image;
  CoreModule module;
  BinaryCheck check;
  /// Nothing if the core does not tell where it was loaded: then its bytes are of no use.
  std::optional<uint64_t> load_bias_bytes;
};

/// What was found. No executable is not an error: the core alone still says much.
struct BinaryLocation {
  CoreModule executable_in_core;
  std::optional<LocatedBinary> executable;
  /// V8's shared library, if the process had one and its file was found.
  std::optional<LocatedBinary> v8_library;
  std::optional<CoreModule> v8_library_in_core;
  /// One line per file that was looked at and why it was taken or not.
  std::vector<std::string> tried;

  /// `tried` as a text for the user.
  [[nodiscard]] std::string explanation() const;
};

/// Finds the files that the process of `core` ran. `core_memory` is the core's memory alone. Throws
/// Failure(kUsage) only about the executable the user named: unreadable, or a wrong one without
/// `force`.
[[nodiscard]] BinaryLocation locate_binaries(const CoreFile& core, const AddressSpace& core_memory,
                                             const BinarySearch& search);

}  // namespace corewalk
