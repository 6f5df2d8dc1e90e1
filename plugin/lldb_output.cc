#include "plugin/lldb_output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

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

LldbOutput::LldbOutput(lldb::SBDebugger& debugger, lldb::SBCommandReturnObject& result,
                       std::function<bool()> is_interrupted)
    : debugger_(debugger),
      result_(result),
      is_interrupted_(std::move(is_interrupted)),
      color_(wants_color(debugger)) {}

void LldbOutput::go_direct_if_interrupted() {
  if (is_direct_ || !is_interrupted_()) return;
  result_.SetImmediateOutputFile(debugger_.GetOutputFile());
  result_.SetImmediateErrorFile(debugger_.GetErrorFile());
  is_direct_ = true;
}

void LldbOutput::write(std::string_view text) {
  go_direct_if_interrupted();
  // Not PutCString or AppendMessage: they change the white space at the end.
  while (!text.empty()) {
    const std::string chunk(text.substr(0, kChunk));
    result_.Printf("%s", chunk.c_str());
    text.remove_prefix(chunk.size());
  }
}

void LldbOutput::warn(std::string_view sentence) {
  go_direct_if_interrupted();
  result_.AppendWarning(std::string(sentence).c_str());
}

}  // namespace corewalk::plugin
