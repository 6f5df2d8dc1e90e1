#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/failure.h"
#include "base/progress.h"
#include "commands/address_argument.h"
#include "commands/option_list.h"
#include "commands/output.h"
#include "session/session.h"

namespace corewalk {

/// Which page of a paged answer comes next. Kept by the host from one command line to the next: the
/// same command again (or ENTER in LLDB) shows the next page.
struct Paging {
  std::string question;  ///< the command whose answer is being paged
  uint64_t next = 0;     ///< first item of the next page
};

struct CommandSpec;

/// Turns what a user wrote for an address into one: a number, and in LLDB whatever its expressions
/// know. Throws Failure(kUsage) that says what is wrong with it.
using AddressEvaluator = std::function<uint64_t(const std::string& expression)>;

/// The call that a user has selected in the host.
struct SelectedFrame {
  Address pc;
  Address fp;
};

/// What a host adds to every command line.
struct HostGrammar {
  std::string caller;  ///< what stands before a command's name: "v8 ", "corewalk "
  std::string prompt;  ///< what stands before that in examples: "(lldb) ", "$ "
  /// Arguments before the command's own: "CORE [EXE]". Empty: none.
  std::string leading_usage;
  std::string leading_example;  ///< "core.4711"
  size_t min_leading = 0;
  size_t max_leading = 0;
  const OptionList* options = nullptr;  ///< options of the host; may be null
  /// Commands that only this host has.
  std::span<const CommandSpec* const> extra_commands = {};
  AddressEvaluator evaluate = evaluate_address;
  /// Empty in a host that has no selection. Throws Failure(kUsage) if nothing is selected.
  std::function<SelectedFrame()> selected_frame = {};
};

/// What a command works with.
struct RunContext {
  Session* session = nullptr;  ///< null only for commands that need none
  Output& output;
  Progress& progress;
  Paging& paging;
  const HostGrammar& host;
};

/// One command line: its options, then its work. Made anew for each line.
class Command {
 public:
  virtual ~Command() = default;
  /// Names the options and arguments; they are filled before run().
  virtual void declare(OptionList& options) = 0;
  /// Throws Failure if there is no answer.
  virtual ExitCode run(RunContext& context) = 0;
};

enum class CommandGroup : uint8_t { kTarget, kObjects, kRetention, kNode, kTool };

[[nodiscard]] constexpr std::string_view to_string(CommandGroup group) {
  switch (group) {
    case CommandGroup::kTarget:
      return "What is this";
    case CommandGroup::kObjects:
      return "Objects";
    case CommandGroup::kRetention:
      return "Who holds it";
    case CommandGroup::kNode:
      return "Node.js";
    case CommandGroup::kTool:
      return "The tool itself";
  }
  return "";
}

/// What the hosts, the help, the man pages and the shell completion know of a command.
struct CommandSpec {
  std::string_view name;
  /// May stand behind the name, and does in help texts: "list" of "source list".
  std::string_view second_word = {};
  std::string_view short_name = {};  ///< means the same: "i" for inspect
  /// Names that work in LLDB without "v8" before them, as llnode has them.
  std::span<const std::string_view> aliases = {};
  CommandGroup group = CommandGroup::kObjects;
  std::string_view summary;  ///< one line, no full stop
  std::string_view details;  ///< paragraphs, each one line; separated by empty lines
  /// A worked example: command lines start with "$ ", the rest is output. "$ v8 NAME" is shown the
  /// way the host calls commands.
  std::string_view example = {};
  bool needs_core = true;
  bool hidden = false;  ///< in no list
  std::unique_ptr<Command> (*create)() = nullptr;
};

/// "findjsobjects", "source list".
[[nodiscard]] inline std::string full_name(const CommandSpec& spec) {
  return std::string(spec.name) + (spec.second_word.empty() ? "" : " ") +
         std::string(spec.second_word);
}

}  // namespace corewalk
