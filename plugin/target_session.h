#pragma once

#include <lldb/API/LLDB.h>

#include <cstdint>
#include <memory>
#include <string>

#include "commands/core_options.h"
#include "session/session.h"

namespace corewalk::plugin {

/// Keeps the Session on the target that is selected in LLDB from one command to the next. A new one
/// is opened when the target, its executable or our options change, or a live process went on.
class TargetSession {
 public:
  /// Throws Failure if there is no process, or no Session can be opened on it.
  Session& open(lldb::SBDebugger& debugger, const CoreOptions& options, Progress& progress);

 private:
  std::string key_;
  std::unique_ptr<Session> session_;
};

}  // namespace corewalk::plugin
