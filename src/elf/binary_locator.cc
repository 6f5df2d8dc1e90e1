#include "elf/binary_locator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include "base/failure.h"
#include "elf/symbol_tables.h"

namespace corewalk {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> split_path(const char* list) {
  std::vector<fs::path> paths;
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    if (colon != 0) paths.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return paths;
}

std::optional<fs::path> cache_from_environment() {
  if (const char* chosen = std::getenv("COREWALK_CACHE"); chosen != nullptr && *chosen != 0) {
    return fs::path(chosen);
  }
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != 0) {
    return fs::path(cache) / "corewalk";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) {
    return fs::path(home) / ".cache" / "corewalk";
  }
  return std::nullopt;
}

/// NT_FILE marks files that were replaced while the process ran (an upgrade).
std::string without_deleted_mark(std::string path) {
  constexpr std::string_view kMark = " (deleted)";
  if (path.ends_with(kMark)) path.resize(path.size() - kMark.size());
  return path;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// Where a file of the process, known as `original`, may be under `directory`.
std::vector<fs::path> candidates_in(const fs::path& directory, const fs::path& original) {
  std::vector<fs::path> paths = {directory};  // a file is accepted in the place of a directory
  const fs::path name = original.filename();
  for (const fs::path& sub : {fs::path(), fs::path("bin"), fs::path("lib")}) {
    if (!name.empty()) paths.push_back(directory / sub / name);
  }
  paths.push_back(directory / original.relative_path());
  return paths;
}

void append(std::vector<fs::path>* list, std::vector<fs::path> more) {
  list->insert(list->end(), more.begin(), more.end());
}

std::vector<fs::path> cached_nodes(const fs::path& cache) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(cache / "node", error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().filename().string().starts_with('v')) paths.push_back(it->path() / "bin/node");
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// All places for the executable, the likeliest first.
std::vector<fs::path> executable_candidates(const CoreFile& core, const CoreModule& module,
                                            const BinarySearch& search) {
  const fs::path original = without_deleted_mark(module.path);
  std::vector<fs::path> paths;
  if (original.is_absolute()) paths.push_back(original);
  const std::string& command = core.notes().command_line;
  const fs::path first_word = command.substr(0, command.find(' '));
  if (first_word.is_absolute()) paths.push_back(first_word);

  std::vector<fs::path> directories = search.directories;
  append(&directories, search.environment_directories);
  directories.push_back(fs::absolute(core.path()).parent_path());
  for (const fs::path& directory : directories) {
    append(&paths, candidates_in(directory, original));
    append(&paths, candidates_in(directory, "node"));
  }
  for (const fs::path& directory : search.command_directories) {
    paths.push_back(directory / "node");
  }
  if (search.cache_directory) append(&paths, cached_nodes(*search.cache_directory));
  return paths;
}

std::vector<fs::path> library_candidates(const CoreFile& core, const CoreModule& module,
                                         const BinarySearch& search,
                                         const std::optional<LocatedBinary>& executable) {
  const fs::path original = without_deleted_mark(module.path);
  std::vector<fs::path> directories = search.directories;
  append(&directories, search.environment_directories);
  directories.push_back(fs::absolute(core.path()).parent_path());
  if (executable) {
    const fs::path home = fs::absolute(executable->image.path()).parent_path();
    directories.push_back(home);
    directories.push_back(home.parent_path());
  }
  std::vector<fs::path> paths = {original};
  for (const fs::path& directory : directories) append(&paths, candidates_in(directory, original));
  return paths;
}

using Auxv = std::map<uint64_t, uint64_t>;

/// Throws Failure if `path` is no program, or nothing is in it but debug information.
ElfImage open_image(const fs::path& path) {
  ElfImage image = ElfImage::open(path);
  if (is_debug_information_only(image)) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("executable {} holds debug information only; the program itself is "
                              "needed, which may be stripped",
                              path.string()));
  }
  return image;
}

LocatedBinary make_located(ElfImage image, const CoreModule& module, BinaryCheck check,
                           const Auxv& auxv) {
  const std::optional<uint64_t> bias = load_bias(image, module, auxv);
  return {.image = std::move(image),
          .module = module,
          .check = std::move(check),
          .load_bias_bytes = bias};
}

/// The first of `paths` that is proven to be the file of `module`; failing that, the first that may
/// be it. Each file looked at is told in `tried`.
std::optional<LocatedBinary> choose(const std::vector<fs::path>& paths, const CoreModule& module,
                                    Machine machine, const Auxv& auxv,
                                    std::vector<std::string>* tried) {
  std::optional<LocatedBinary> second_best;
  std::set<fs::path> seen;
  const fs::path original = without_deleted_mark(module.path);
  if (!original.empty() && !is_file(original)) {
    tried->push_back(fmt::format("{}: no such file", original.string()));
  }
  for (const fs::path& path : paths) {
    if (!is_file(path)) continue;
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (!seen.insert(error ? path : real).second) continue;
    try {
      ElfImage image = open_image(path);
      BinaryCheck check = check_binary(image, module, machine, auxv);
      tried->push_back(
          fmt::format("{}: {}: {}", path.string(), to_string(check.verdict), check.reason));
      if (check.verdict == BinaryVerdict::kMismatch) continue;
      if (check.verdict == BinaryVerdict::kMatch) {
        return make_located(std::move(image), module, std::move(check), auxv);
      }
      if (!second_best) {
        second_best = make_located(std::move(image), module, std::move(check), auxv);
      }
    } catch (const Failure& failure) {
      tried->emplace_back(failure.what());
    }
  }
  return second_best;
}

/// The executable the user named.
LocatedBinary open_explicit(const CoreFile& core, const AddressSpace& core_memory,
                            const CoreModule& module, const BinarySearch& search) {
  const Auxv& auxv = core.notes().auxv;
  ElfImage image = open_image(*search.executable);
  BinaryCheck check = check_binary(image, module, core.machine(), auxv);
  if (check.verdict == BinaryVerdict::kMismatch && !image.build_id().empty()) {
    // It may be another module of the process: a library that holds V8.
    const auto other = find_by_build_id(core.notes(), core_memory, image.build_id());
    if (other) {
      BinaryCheck other_check = check_binary(image, *other, core.machine(), auxv);
      if (other_check.verdict == BinaryVerdict::kMatch) {
        return make_located(std::move(image), *other, std::move(other_check), auxv);
      }
    }
  }
  if (check.verdict == BinaryVerdict::kMismatch && !search.force) {
    throw Failure(
        ExitCode::kUsage,
        fmt::format("{} is not the executable that made this core: {}. Give the right one{}, or "
                    "none to have it searched for; --force uses this one all the same, and what it "
                    "prints will be wrong.",
                    search.executable->string(), check.reason,
                    module.path.empty() ? "" : fmt::format(" (it ran as {})", module.path)));
  }
  return make_located(std::move(image), module, std::move(check), auxv);
}

}  // namespace

BinarySearch BinarySearch::from_environment() {
  BinarySearch search;
  search.environment_directories = split_path(std::getenv("COREWALK_PATH"));
  search.command_directories = split_path(std::getenv("PATH"));
  search.cache_directory = cache_from_environment();
  return search;
}

std::string BinaryLocation::explanation() const {
  std::string text;
  if (!executable) {
    const std::string& id = executable_in_core.build_id;
    text = fmt::format("no executable found{}\n", id.empty() ? "" : " with build-id " + id);
  }
  return text + fmt::format("{}", fmt::join(tried, "\n"));
}

BinaryLocation locate_binaries(const CoreFile& core, const AddressSpace& core_memory,
                               const BinarySearch& search) {
  BinaryLocation location;
  location.executable_in_core = find_executable(core.notes(), core_memory);
  const CoreModule& module = location.executable_in_core;
  if (search.executable) {
    location.executable = open_explicit(core, core_memory, module, search);
    const BinaryCheck& check = location.executable->check;
    location.tried.push_back(fmt::format("{}: {}: {}", search.executable->string(),
                                         to_string(check.verdict), check.reason));
  } else {
    location.executable = choose(executable_candidates(core, module, search), module,
                                 core.machine(), core.notes().auxv, &location.tried);
  }
  location.v8_library_in_core = find_library(core.notes(), core_memory, "libnode.so");
  if (const auto& library = location.v8_library_in_core) {
    location.v8_library = choose(library_candidates(core, *library, search, location.executable),
                                 *library, core.machine(), core.notes().auxv, &location.tried);
  }
  return location;
}

}  // namespace corewalk
