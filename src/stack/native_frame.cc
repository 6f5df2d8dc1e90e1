#include "stack/native_frame.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace corewalk {
namespace {

// Names of templates can be endless. The demangler works on its own stack, a level a letter.
constexpr size_t kLongestMangled = 4096;
constexpr size_t kLongestShown = 160;

/// Where the list of parameters begins: the outermost parenthesis that the last one closes.
size_t start_of_parameters(std::string_view name) {
  const size_t end = name.rfind(')');
  size_t depth = 0;
  for (size_t i = end; i != std::string_view::npos && i < name.size(); --i) {
    if (name[i] == ')') ++depth;
    if (name[i] == '(' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string readable_name(std::string_view symbol) {
  if (!symbol.starts_with("_Z") || symbol.size() > kLongestMangled) return std::string(symbol);
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(std::string(symbol).c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0 || demangled == nullptr) return std::string(symbol);
  std::string name = demangled.get();
  if (name.size() <= kLongestShown) return name;
  const size_t begin = start_of_parameters(name);
  if (begin == std::string::npos) return name;
  return name.replace(begin, name.rfind(')') + 1 - begin, "(...)");
}

StackFrame native_frame(const CodeModules& modules, Address pc, Address sp,
                        bool is_return_address) {
  StackFrame frame{.kind = FrameKind::kNative, .fp = sp, .pc = pc};
  // A call may be a function's last instruction, so its return address may be the next one's.
  const Address at = is_return_address ? pc - 1 : pc;
  const CodeModule* module = modules.find(at);
  if (module == nullptr) return frame;
  frame.native.module = module->path;
  frame.native.offset = pc - module->range.begin();
  if (const auto symbol = module->symbols->find_containing(at)) {
    frame.code = symbol->name;
    frame.native.function = readable_name(symbol->name);
    frame.native.offset = pc - symbol->address;
  }
  return frame;
}

}  // namespace corewalk
