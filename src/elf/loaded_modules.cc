#include "elf/loaded_modules.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/failure.h"
#include "elf/build_id.h"
#include "elf/elf_image.h"
#include "elf/elf_symbols.h"
#include "memory/segmented_memory.h"

namespace corewalk {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVdso = "[vdso]";
constexpr std::string_view kDeleted = " (deleted)";  // the file was replaced, by an upgrade say

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The path of the module with V8, as the process knew it.
bool holds_v8(const ProcessInfo& process, const std::string& path) {
  if (!process.v8_library) return path == process.executable_path;
  return fs::path(path).filename().string().starts_with("libnode.so");
}

bool is_present(const AddressSpace& memory, AddressRange range) {
  return !range.empty() && memory.residency(range.begin()) == Residency::kPresent;
}

}  // namespace

struct LoadedModules::Entry {
  CodeModule module;
  CoreModule in_core;
  AddressRange mapped;  ///< what find() goes by
  bool is_open = false;
  std::optional<ElfImage> image;
  std::optional<ElfImage> debug_image;
  std::unique_ptr<AddressSpace> file_memory;
  std::unique_ptr<SymbolSource> own_symbols;
};

LoadedModules::LoadedModules(const ProcessInfo& process, const AddressSpace& memory,
                             const SymbolSource& v8_symbols, std::vector<fs::path> directories)
    : process_(process),
      memory_(memory),
      v8_symbols_(v8_symbols),
      directories_(std::move(directories)) {}

LoadedModules::~LoadedModules() = default;

const CodeModule* LoadedModules::find(Address address) const {
  const std::scoped_lock lock(mutex_);
  if (!is_listed_) list();
  is_listed_ = true;
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry->mapped.contains(address);
  });
  if (found == entries_.end()) return nullptr;
  if (!(*found)->is_open) open(**found);
  (*found)->is_open = true;
  return &(*found)->module;
}

// One entry a file: the kernel lists every mapping of it. A file that is mapped without being
// loaded (data, at offsets other than 0) never holds a program counter.
void LoadedModules::list() const {
  std::map<std::string, Entry> by_path;
  for (const MappedFile& file : process_.files) {
    Entry& entry = by_path[file.path];
    if (!entry.in_core.base && file.file_offset_bytes == 0) entry.in_core.base = file.range.begin();
    const AddressRange& known = entry.mapped;
    entry.mapped = known.empty() ? file.range
                                 : AddressRange(std::min(known.begin(), file.range.begin()),
                                                std::max(known.end(), file.range.end()));
  }
  if (by_path.empty()) {  // qemu's cores lack the list
    CoreNotes notes;
    notes.auxv = process_.auxv;
    const CoreModule executable = find_executable(notes, memory_);
    Entry& entry = by_path[process_.executable_path];
    entry.in_core = executable;
    entry.mapped = executable.range;
  }
  if (const auto vdso = process_.auxv.find(AT_SYSINFO_EHDR); vdso != process_.auxv.end()) {
    Entry& entry = by_path[std::string(kVdso)];
    entry.in_core.base = Address(vdso->second);
    if (const Segment* segment = memory_.find_segment(*entry.in_core.base)) {
      entry.mapped = segment->range;
    }
  }
  for (auto& [path, entry] : by_path) {
    entry.module.path = path;
    entry.module.range = entry.mapped;
    entries_.push_back(std::make_unique<Entry>(std::move(entry)));
  }
}

void LoadedModules::open(Entry& entry) const {
  CodeModule& module = entry.module;
  if (entry.in_core.base) entry.in_core = read_module(memory_, module.path, *entry.in_core.base);
  module.unwind_tables = entry.in_core.unwind_tables;
  if (holds_v8(process_, module.path)) {
    module.constants = &memory_;
    module.symbols = &v8_symbols_;
    if (!is_present(memory_, module.unwind_tables)) {
      module.problem = fmt::format("{} is not at hand", module.path);
    }
    return;
  }
  for (const fs::path& candidate : candidates(module.path)) {
    if (use_file(candidate, entry)) return;
  }
  use_core(entry);
}

void LoadedModules::use_core(Entry& entry) const {
  CodeModule& module = entry.module;
  module.constants = &memory_;
  module.symbols = &no_symbols_;
  const CoreModule& found = entry.in_core;
  if (found.has_headers && !found.dynamic_segment.is_null()) {
    std::vector<SymbolTable> tables = symbol_tables(
        memory_, found.dynamic_segment, found.dynamic_size_bytes, found.load_bias_bytes);
    if (!tables.empty()) {
      entry.own_symbols = std::make_unique<ElfSymbols>(std::move(tables), found.load_bias_bytes);
      module.symbols = entry.own_symbols.get();
    }
  }
  if (is_present(memory_, module.unwind_tables)) return;
  module.problem =
      found.build_id.empty()
          ? fmt::format("{} is not at hand, and the core does not say which build of it ran",
                        module.path)
          : fmt::format("{} with build-id {} is not at hand: --search-path names its folder",
                        module.path, found.build_id);
}

bool LoadedModules::use_file(const fs::path& path, Entry& entry) const {
  const CoreModule& found = entry.in_core;
  if (found.build_id.empty() || !is_file(path)) return false;
  try {
    ElfImage image = ElfImage::open(path);
    if (image.build_id() != found.build_id || is_debug_information_only(image)) return false;
    entry.image = std::move(image);
  } catch (const Failure&) {
    return false;  // no ELF file: as good as none
  }
  entry.file_memory =
      std::make_unique<SegmentedMemory>(entry.image->constant_pieces(found.load_bias_bytes));
  std::vector<SymbolTable> tables = symbol_tables(*entry.image);
  add_debug_symbols(entry, tables);
  entry.own_symbols = std::make_unique<ElfSymbols>(std::move(tables), found.load_bias_bytes);
  entry.module.constants = entry.file_memory.get();
  entry.module.symbols = entry.own_symbols.get();
  return true;
}

// Where distributions put what they stripped: by build-id, the first byte as a folder.
void LoadedModules::add_debug_symbols(Entry& entry, std::vector<SymbolTable>& tables) const {
  const bool is_stripped =
      std::none_of(tables.begin(), tables.end(), [](const SymbolTable& t) { return t.is_full; });
  constexpr size_t kFolderDigits = 2;
  const std::string& id = entry.image->build_id();
  if (!is_stripped || id.size() <= kFolderDigits) return;
  std::vector<fs::path> roots = {"/"};
  roots.insert(roots.end(), directories_.begin(), directories_.end());
  for (const fs::path& root : roots) {
    const fs::path path = root / "usr/lib/debug/.build-id" / id.substr(0, kFolderDigits) /
                          (id.substr(kFolderDigits) + ".debug");
    if (!is_file(path)) continue;
    try {
      ElfImage image = ElfImage::open(path);
      if (image.build_id() != id) continue;
      entry.debug_image = std::move(image);
    } catch (const Failure&) {
      continue;
    }
    const std::vector<SymbolTable> more = symbol_tables(*entry.debug_image);
    tables.insert(tables.end(), more.begin(), more.end());
    return;
  }
}

std::vector<fs::path> LoadedModules::candidates(const std::string& path) const {
  fs::path original = path;
  if (path.ends_with(kDeleted)) original = path.substr(0, path.size() - kDeleted.size());
  std::vector<fs::path> paths;
  if (!original.is_absolute()) return paths;
  paths.push_back(original);
  for (const fs::path& directory : directories_) {
    paths.push_back(directory / original.relative_path());
    paths.push_back(directory / original.filename());
    paths.push_back(directory / "lib" / original.filename());
  }
  return paths;
}

}  // namespace corewalk
