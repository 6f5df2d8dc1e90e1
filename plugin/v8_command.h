#pragma once

#include <lldb/API/LLDB.h>

#include <memory>
#include <mutex>

#include "commands/command.h"
#include "plugin/target_session.h"

namespace corewalk::plugin {

/// What the commands of one debugger share.
struct PluginState {
  std::mutex mutex;  ///< one command at a time
  TargetSession session;
  Paging paging;
};

/// One of our commands as LLDB sees it. LLDB owns it.
class V8Command final : public lldb::SBCommandPluginInterface {
 public:
  V8Command(const CommandSpec& spec, std::shared_ptr<PluginState> state)
      : spec_(spec), state_(std::move(state)) {}

  bool DoExecute(lldb::SBDebugger debugger, char** arguments,
                 lldb::SBCommandReturnObject& result) override;

 private:
  ExitCode run(lldb::SBDebugger& debugger, char** arguments, lldb::SBCommandReturnObject& result);

  const CommandSpec& spec_;
  std::shared_ptr<PluginState> state_;
};

/// The grammar of our commands in LLDB: "v8 NAME [options]".
[[nodiscard]] HostGrammar lldb_grammar(const CoreOptions& core_options);

}  // namespace corewalk::plugin
