#pragma once

#include <lldb/API/LLDB.h>

#include <functional>
#include <string_view>

#include "commands/output.h"

namespace corewalk::plugin {

/// Answers and warnings into the result of an LLDB command. After Ctrl-C also straight to where
/// LLDB prints: it no longer shows the result of an interrupted command, or not all of it.
class LldbOutput final : public Output {
 public:
  LldbOutput(lldb::SBDebugger& debugger, lldb::SBCommandReturnObject& result,
             std::function<bool()> is_interrupted);
  void write(std::string_view text) override;
  void warn(std::string_view sentence) override;
  [[nodiscard]] bool color() const override { return color_; }

 private:
  void go_direct_if_interrupted();

  lldb::SBDebugger& debugger_;
  lldb::SBCommandReturnObject& result_;
  std::function<bool()> is_interrupted_;
  bool is_direct_ = false;
  bool color_ = false;
};

}  // namespace corewalk::plugin
