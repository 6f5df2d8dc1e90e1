#include "plugin/lldb_output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace corewalk::plugin {
namespace {

/// What goes through one Printf: LLDB formats into a buffer of its own.
constexpr size_t kChunk = 1 << 20;

bool wants_color(lldb::SBDebugger& debugger) {
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(STDOUT_FILENO) != 0 && debugger.GetUseColor();
}

}  // namespace

LldbOutput::LldbOutput(lldb::SBDebugger& debugger, lldb::SBCommandReturnObject& result)
    : result_(result), color_(wants_color(debugger)) {}

void LldbOutput::write(std::string_view text) {
  // Not PutCString or AppendMessage: they change the white space at the end.
  while (!text.empty()) {
    const std::string chunk(text.substr(0, kChunk));
    result_.Printf("%s", chunk.c_str());
    text.remove_prefix(chunk.size());
  }
}

void LldbOutput::warn(std::string_view sentence) {
  result_.AppendWarning(std::string(sentence).c_str());
}

}  // namespace corewalk::plugin
