#include "plugin/v8_command.h"

#include <unistd.h>

#include <atomic>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/failure.h"
#include "commands/address_argument.h"
#include "commands/argument_parser.h"
#include "commands/terminal_progress.h"
#include "plugin/lldb_api.h"
#include "plugin/lldb_output.h"

namespace corewalk::plugin {
namespace {

std::vector<std::string> to_strings(char** arguments) {
  std::vector<std::string> strings;
  for (; arguments != nullptr && *arguments != nullptr; ++arguments) {
    strings.emplace_back(*arguments);
  }
  return strings;
}

/// Asks LLDB only from the thread it runs the command in: elsewhere it does not know. Other threads
/// see what that one learned.
class InterruptPoll {
 public:
  explicit InterruptPoll(lldb::SBDebugger& debugger) : debugger_(debugger) {}
  bool operator()() {
    if (std::this_thread::get_id() == thread_ && is_interrupted(debugger_)) interrupted_ = true;
    return interrupted_;
  }

 private:
  lldb::SBDebugger& debugger_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::atomic<bool> interrupted_ = false;
};

/// A number, or whatever LLDB's expressions know: registers, `$1`, variables, arithmetic.
uint64_t evaluate(lldb::SBDebugger& debugger, const std::string& expression) {
  try {
    return evaluate_address(expression);
  } catch (const Failure&) {  // no plain number: LLDB says what is wrong with it
  }
  lldb::SBTarget target = debugger.GetSelectedTarget();
  lldb::SBFrame frame = target.GetProcess().GetSelectedThread().GetSelectedFrame();
  lldb::SBValue value = frame.IsValid() ? frame.EvaluateExpression(expression.c_str())
                                        : target.EvaluateExpression(expression.c_str());
  lldb::SBError error = value.GetError();
  const uint64_t word = error.Success() ? value.GetValueAsUnsigned(error, 0) : 0;
  if (error.Success()) return word;
  std::string why = error.GetCString() == nullptr ? "no value" : error.GetCString();
  while (!why.empty() && why.back() == '\n') why.pop_back();
  throw Failure(ExitCode::kUsage, why.starts_with("error: ") ? why.substr(7) : why);
}

SelectedFrame selected_frame(lldb::SBDebugger& debugger) {
  lldb::SBFrame frame =
      debugger.GetSelectedTarget().GetProcess().GetSelectedThread().GetSelectedFrame();
  if (!frame.IsValid()) throw Failure(ExitCode::kUsage, "No frame is selected");
  return {.pc = Address(frame.GetPC()), .fp = Address(frame.GetFP())};
}

}  // namespace

HostGrammar lldb_grammar(const CoreOptions& core_options) {
  HostGrammar grammar;
  grammar.caller = "v8 ";
  grammar.prompt = "(lldb) ";
  grammar.options = &core_options.list();
  return grammar;
}

bool V8Command::DoExecute(lldb::SBDebugger debugger, char** arguments,
                          lldb::SBCommandReturnObject& result) {
  // Nothing may unwind into LLDB.
  try {
    const std::lock_guard lock(state_->mutex);
    const ExitCode code = run(debugger, arguments, result);
    const bool answered = code == ExitCode::kDone || code == ExitCode::kPartial;
    result.SetStatus(answered ? lldb::eReturnStatusSuccessFinishResult : lldb::eReturnStatusFailed);
    return answered;
  } catch (const std::bad_alloc&) {
    result.SetError("Out of memory.");
  } catch (const std::exception& error) {
    result.SetError(error.what());
  } catch (...) {
    result.SetError("This should not have happened: an exception of an unknown kind.");
  }
  result.SetStatus(lldb::eReturnStatusFailed);
  return false;
}

ExitCode V8Command::run(lldb::SBDebugger& debugger, char** arguments,
                        lldb::SBCommandReturnObject& result) {
  const CoreOptions core_options;
  HostGrammar grammar = lldb_grammar(core_options);
  grammar.evaluate = [&debugger](const std::string& expression) {
    return evaluate(debugger, expression);
  };
  grammar.selected_frame = [&debugger] { return selected_frame(debugger); };
  const ParsedCommand parsed = parse_command(spec_, to_strings(arguments), grammar);

  InterruptPoll poll(debugger);
  TerminalProgress progress(isatty(STDERR_FILENO) != 0, [&poll] { return poll(); });
  LldbOutput output(debugger, result, [&poll] { return poll(); });
  RunContext context{.session = nullptr,
                     .output = output,
                     .progress = progress,
                     .paging = state_->paging,
                     .host = grammar};
  if (parsed.needs_core) {
    context.session = &state_->session.open(debugger, core_options, progress);
  }
  return parsed.command->run(context);
}

}  // namespace corewalk::plugin
