#pragma once

#include <lldb/API/LLDB.h>

#include <string_view>

#include "commands/output.h"

namespace corewalk::plugin {

/// Answers and warnings into the result of an LLDB command.
class LldbOutput final : public Output {
 public:
  LldbOutput(lldb::SBDebugger& debugger, lldb::SBCommandReturnObject& result);
  void write(std::string_view text) override;
  void warn(std::string_view sentence) override;
  [[nodiscard]] bool color() const override { return color_; }

 private:
  lldb::SBCommandReturnObject& result_;
  bool color_ = false;
};

}  // namespace corewalk::plugin
