#include "session/target_layout.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/failure.h"
#include "v8/binary_facts.h"
#include "v8/isolate_finder.h"
#include "v8/layout_library.h"
#include "v8/size_calibration.h"

namespace corewalk {
namespace {

struct V8Version {
  int32_t major = 0;
  int32_t minor = 0;
  int32_t build = 0;
  int32_t patch = 0;
};

std::optional<int32_t> read_constant(const AddressSpace& memory, const Symbol& symbol) {
  const auto value = memory.read<int32_t>(symbol.address, "constant of the binary");
  return value ? std::optional(*value) : std::nullopt;
}

// v8::internal::Version (utils/version.cc): data symbols that even a stripped node exports.
std::optional<V8Version> version_of_binary(const AddressSpace& memory,
                                           const SymbolSource& symbols) {
  const auto part = [&](const char* name) -> std::optional<int32_t> {
    const auto symbol = symbols.find(name);
    return symbol ? read_constant(memory, *symbol) : std::nullopt;
  };
  const auto major = part("_ZN2v88internal7Version6major_E");
  const auto minor = part("_ZN2v88internal7Version6minor_E");
  if (!major || !minor) return {};
  return V8Version{*major, *minor, part("_ZN2v88internal7Version6build_E").value_or(0),
                   part("_ZN2v88internal7Version6patch_E").value_or(0)};
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) {
    throw Failure(ExitCode::kUsage, fmt::format("layout file {}: cannot be read: {}", path.string(),
                                                std::strerror(errno)));
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

// With the layout in place: the binary's constants, the pages, and the checks.
void examine(TargetLayout& target, const AddressSpace& memory, const SymbolSource& symbols,
             Progress& progress) {
  v8::apply_binary_facts(*target.layout, symbols, memory);
  target.heap = v8::Heap::find(memory, *target.layout, progress);
  for (std::string& note : v8::calibrate_sizes(*target.layout, *target.heap)) {
    target.layout->notes.push_back(std::move(note));
  }
  if (std::string note = v8::calibration_note(*target.heap); !note.empty()) {
    target.layout->notes.push_back(std::move(note));
  }
  target.checks = v8::check_layout(*target.heap);
  target.fits = v8::all_passed(target.checks);
  if (!target.fits) {
    target.problem = fmt::format(
        "the layout for V8 {} ({}) does not fit this process: {}. `doctor` shows more; --layout "
        "FILE "
        "tries another, --force goes on with this one if any isolate was found",
        target.layout->version, target.layout->source, v8::describe_failures(target.checks));
  }
}

TargetLayout try_all(const AddressSpace& memory, const SymbolSource& symbols, Progress& progress) {
  for (const v8::LayoutText& text : v8::built_in_layouts()) {
    TargetLayout target;
    target.layout = v8::LayoutLibrary::parse(text.file_name, text.text);
    examine(target, memory, symbols, progress);
    if (target.fits) return target;
  }
  TargetLayout none;
  none.problem = fmt::format(
      "no V8 heap was found in it. If it is a Node.js process, name its executable (--exe PATH): "
      "without it only these V8 versions can be recognised: {}",
      v8::LayoutLibrary::known_versions());
  return none;
}

}  // namespace

TargetLayout find_target_layout(const AddressSpace& memory, const SymbolSource& symbols,
                                const std::optional<std::filesystem::path>& file,
                                Progress& progress) {
  const auto version = version_of_binary(memory, symbols);
  if (!file && !version) return try_all(memory, symbols, progress);
  TargetLayout target;
  if (version) {
    target.v8_version =
        fmt::format("{}.{}.{}.{}", version->major, version->minor, version->build, version->patch);
  }
  target.layout =
      file ? v8::LayoutLibrary::parse(file->filename().string(), read_file(*file))
           : v8::LayoutLibrary::find(fmt::format("{}.{}", version->major, version->minor));
  if (target.layout == nullptr) {
    target.problem = fmt::format(
        "this process ran V8 {}, which no layout describes: name one with --layout FILE "
        "(docs/new-node-version.md tells how to make it)",
        target.v8_version);
    return target;
  }
  examine(target, memory, symbols, progress);
  return target;
}

}  // namespace corewalk
