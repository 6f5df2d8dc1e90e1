// The LLDB plugin: registers the commands as `v8 NAME`, and under llnode's names at top level.
#include <lldb/API/LLDB.h>

#include <exception>
#include <memory>
#include <string>

#include "commands/argument_parser.h"
#include "commands/help_text.h"
#include "commands/registry.h"
#include "plugin/v8_command.h"

namespace corewalk::plugin {
namespace {

constexpr const char* kHelp =
    "Walk the JavaScript heap of a Node.js process. 'v8 help NAME' explains a command.";

/// `parent` is LLDB's command interpreter or the command `v8`.
template <class Parent>
void add_command(Parent& parent, const std::string& name, const CommandSpec& spec,
                 const std::shared_ptr<PluginState>& state) {
  const CoreOptions core_options;
  const HostGrammar grammar = lldb_grammar(core_options);
  const std::string help(spec.summary);
  const std::string syntax = usage_of(spec, grammar) + "\n\nAll about it: " + grammar.caller +
                             "help " + std::string(spec.name);
  // Null: ENTER repeats the line, as after LLDB's own commands; so findjsinstances turns the page.
  // Without this argument ENTER is an error.
  constexpr const char* kAutoRepeat = nullptr;
  parent.AddCommand(name.c_str(), new V8Command(spec, state), help.c_str(), syntax.c_str(),
                    kAutoRepeat);
}

bool register_commands(lldb::SBDebugger& debugger) {
  lldb::SBCommandInterpreter interpreter = debugger.GetCommandInterpreter();
  lldb::SBCommand v8 = interpreter.AddMultiwordCommand("v8", kHelp);
  if (!v8.IsValid()) return false;
  const auto state = std::make_shared<PluginState>();
  for (const CommandSpec* spec : all_commands()) {
    if (spec->hidden) continue;
    add_command(v8, std::string(spec->name), *spec, state);
    if (!spec->short_name.empty()) add_command(v8, std::string(spec->short_name), *spec, state);
    for (const std::string_view alias : spec->aliases) {
      add_command(interpreter, std::string(alias), *spec, state);
    }
  }
  return true;
}

}  // namespace
}  // namespace corewalk::plugin

namespace lldb {

/// What LLDB calls after it has loaded the plugin.
[[gnu::visibility("default")]] bool PluginInitialize(SBDebugger debugger) {
  try {
    return corewalk::plugin::register_commands(debugger);
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace lldb
