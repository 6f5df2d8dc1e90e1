// help: the list of commands, or all about one.
#include "commands/help_text.h"
#include "commands/registry.h"

namespace corewalk {
namespace {

class Help final : public Command {
 public:
  void declare(OptionList& options) override {
    options.optional_argument(name_, "command", "the command to explain");
  }

  ExitCode run(RunContext& context) override {
    if (!name_) {
      context.output.write(overview_help(context.host));
      return ExitCode::kDone;
    }
    const CommandSpec* spec = find_command(*name_, context.host);
    if (spec == nullptr) throw unknown_command(*name_, context.host);
    context.output.write(command_help(*spec, context.host));
    return ExitCode::kDone;
  }

 private:
  std::optional<std::string> name_;
};

}  // namespace

const CommandSpec& help_command() {
  static const CommandSpec kSpec = {
      .name = "help",
      .group = CommandGroup::kTool,
      .summary = "List the commands, or explain one",
      .details =
          "Without a name, lists the commands. With one, prints all that there is to know "
          "about it: options, what the columns mean, an example.",
      .example = "$ v8 help findjsobjects",
      .needs_core = false,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Help>()); },
  };
  return kSpec;
}

}  // namespace corewalk
