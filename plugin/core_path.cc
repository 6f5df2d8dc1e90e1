#include "plugin/core_path.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "elf/core_file.h"
#include "plugin/lldb_api.h"

namespace corewalk::plugin {
namespace {

bool is_elf_core(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header = {};
  file.read(reinterpret_cast<char*>(&header), sizeof(header));
  return file && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_type == ET_CORE;
}

/// The cores that LLDB itself has mapped: it keeps the whole file as one mapping. For the LLDBs
/// that do not tell the path.
std::vector<std::string> mapped_cores() {
  std::vector<std::string> cores;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::string range;
    std::string access;
    std::string offset;
    std::string device;
    std::string inode;
    fields >> range >> access >> offset >> device >> inode >> std::ws;
    std::string path;
    std::getline(fields, path);
    if (path.empty() || path.front() != '/' || offset.find_first_not_of('0') != std::string::npos) {
      continue;
    }
    if (std::find(cores.begin(), cores.end(), path) == cores.end() && is_elf_core(path)) {
      cores.push_back(path);
    }
  }
  return cores;
}

bool has_pid(const std::string& path, uint64_t pid) {
  try {
    return CoreFile::open(path).notes().pid == pid;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace

bool is_core(lldb::SBProcess& process) {
  const char* const plugin = process.GetPluginName();
  return plugin != nullptr && std::string_view(plugin).ends_with("-core");
}

std::optional<std::string> find_core_path(lldb::SBProcess& process) {
  const char* const plugin = process.GetPluginName();
  if (plugin == nullptr || std::string_view(plugin) != "elf-core") return {};
  if (std::optional<std::string> path = reported_core_path(process); path && is_elf_core(*path)) {
    return path;
  }
  std::vector<std::string> cores = mapped_cores();
  if (cores.size() > 1) {
    std::erase_if(cores,
                  [&](const std::string& path) { return !has_pid(path, process.GetProcessID()); });
  }
  // Several cores of one pid: none of them can be told to be the right one.
  if (cores.size() != 1) return {};
  return cores.front();
}

}  // namespace corewalk::plugin
