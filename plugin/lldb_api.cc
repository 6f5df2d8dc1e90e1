// What later LLDBs added to the API is called by its address, found by its mangled name. The SB
// classes are ABI-stable by LLDB's own rule; a member function is called as a function of `this`,
// as the C++ ABI of Linux has it.
#include "plugin/lldb_api.h"

#include <dlfcn.h>

#include <array>
#include <climits>

namespace corewalk::plugin {
namespace {

/// The function of that mangled name in the LLDB that loaded us, or null.
template <class Function>
Function* find_function(const char* mangled) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, mangled));
}

}  // namespace

bool is_interrupted(lldb::SBDebugger& debugger) {
  // Since LLDB 17.
  static auto* const interrupt_requested =
      find_function<bool(lldb::SBDebugger*)>("_ZN4lldb10SBDebugger18InterruptRequestedEv");
  if (interrupt_requested != nullptr) return interrupt_requested(&debugger);
  return debugger.GetCommandInterpreter().WasInterrupted();
}

std::optional<std::string> reported_core_path(lldb::SBProcess& process) {
  // Since LLDB 19.
  static auto* const get_core_file =
      find_function<lldb::SBFileSpec(lldb::SBProcess*)>("_ZN4lldb9SBProcess11GetCoreFileEv");
  if (get_core_file == nullptr) return {};
  std::string path = to_path(get_core_file(&process));
  if (path.empty()) return {};
  return path;
}

std::string to_path(const lldb::SBFileSpec& file) {
  if (!file.IsValid()) return {};
  std::array<char, PATH_MAX + 1> path = {};
  const uint32_t size = file.GetPath(path.data(), path.size());
  return size < path.size() ? std::string(path.data()) : std::string();
}

}  // namespace corewalk::plugin
