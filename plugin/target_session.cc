#include "plugin/target_session.h"

#include <fmt/format.h>

#include "base/failure.h"
#include "plugin/core_path.h"
#include "plugin/live_target.h"
#include "plugin/lldb_api.h"

namespace corewalk::plugin {
namespace {

/// Changes when what a Session is based on changes. A core never moves; a live process does.
std::string key_of(lldb::SBProcess& process, const SessionOptions& options) {
  std::string key = fmt::format("{} {}|{}|{}|{}", process.GetUniqueID(), process.GetStopID(),
                                options.executable.value_or("").string(),
                                options.layout_file.value_or("").string(), options.force);
  for (const auto& path : options.search_paths) key += "|" + path.string();
  return key;
}

/// What runs changes under our hands. A core is always stopped.
void require_stopped(lldb::SBProcess& process) {
  const lldb::StateType state = process.GetState();
  if (state == lldb::eStateStopped || state == lldb::eStateCrashed ||
      state == lldb::eStateSuspended) {
    return;
  }
  throw Failure(ExitCode::kUsage, fmt::format("The process is {}. It must be stopped: process "
                                              "interrupt",
                                              lldb::SBDebugger::StateAsCString(state)));
}

}  // namespace

Session& TargetSession::open(lldb::SBDebugger& debugger, const CoreOptions& core_options,
                             Progress& progress) {
  lldb::SBTarget target = debugger.GetSelectedTarget();
  lldb::SBProcess process = target.GetProcess();
  if (!target.IsValid() || !process.IsValid()) {
    throw Failure(ExitCode::kUsage,
                  "There is no process. Load a core first: target create NODE --core CORE");
  }
  require_stopped(process);
  SessionOptions options = core_options.session_options({});
  if (!options.executable) {
    if (const std::string path = to_path(target.GetExecutable()); !path.empty()) {
      options.executable = path;
    }
  }
  const std::string key = key_of(process, options);
  if (session_ != nullptr && key == key_) return *session_;

  session_.reset();
  if (const std::optional<std::string> core = find_core_path(process)) {
    options.core = *core;
    session_ = Session::open(options, progress);
  } else {
    session_ = Session::open(make_live_target(target, process), options, progress);
  }
  key_ = key;
  return *session_;
}

}  // namespace corewalk::plugin
