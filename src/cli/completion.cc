// completion: scripts that make bash and zsh complete corewalk's command lines.
#include <fmt/format.h>

#include <algorithm>

#include "cli/host_commands.h"
#include "cli/program.h"
#include "commands/registry.h"
#include "report/escape.h"

namespace corewalk {
namespace {

enum class Shell : uint8_t { kBash, kZsh };

/// A command with its options declared.
struct Declared {
  const CommandSpec* spec = nullptr;
  std::unique_ptr<Command> command;
  OptionList options;
};

std::vector<Declared> declared_commands() {
  std::vector<Declared> all;
  for (const auto& commands : {all_commands(), host_commands()}) {
    for (const CommandSpec* spec : commands) {
      if (spec->hidden) continue;
      Declared& declared = all.emplace_back();
      declared.spec = spec;
      declared.command = spec->create();
      declared.command->declare(declared.options);
    }
  }
  return all;
}

std::string words_of(const Option& option) {
  std::string words = option.names;
  std::replace(words.begin(), words.end(), ',', ' ');
  return words;
}

std::string option_words(const Declared& declared, const OptionList& core_options) {
  std::string words = "--help";
  for (const Option& option : declared.options.options()) words += " " + words_of(option);
  if (declared.spec->needs_core) {
    for (const Option& option : core_options.options()) words += " " + words_of(option);
  }
  return words;
}

std::string bash_script(const std::vector<Declared>& commands, const OptionList& core_options) {
  std::string names;
  std::string options;
  std::string choices;
  for (const Declared& declared : commands) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", declared.spec->name);
    options += fmt::format("    {}) options='{}' ;;\n", declared.spec->name,
                           option_words(declared, core_options));
    for (const Option& option : declared.options.options()) {
      if (option.choices.empty()) continue;
      choices += fmt::format("    {}:{}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n",
                             declared.spec->name, option.names.substr(option.names.rfind(',') + 1),
                             fmt::join(option.choices, " "));
    }
  }
  return fmt::format(R"(# Completion of corewalk for bash: source <(corewalk completion bash)
_corewalk() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command=${{COMP_WORDS[1]}} names='{0}' options=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "$names" -- "$word") $(compgen -f -- "$word"))
    return
  fi
  case $command in
    help) COMPREPLY=($(compgen -W "$names" -- "$word")); return ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh' -- "$word")); return ;;
  esac
  case $command:$previous in
{2}  esac
  case $command in
{1}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _corewalk corewalk
)",
                     names, options, choices);
}

/// Text inside single quotes of a zsh argument specification.
std::string zsh_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return safe;
}

std::string zsh_option(const Option& option) {
  std::string specs;
  std::string_view names = option.names;
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    specs += fmt::format(" '{}[{}]", names.substr(0, end), zsh_text(option.help));
    if (!option.choices.empty()) {
      specs += fmt::format(":value:({})", fmt::join(option.choices, " "));
    } else if (!option.placeholder.empty()) {
      const bool is_path = option.placeholder == "FILE" || option.placeholder == "DIR";
      specs += fmt::format(":{}:{}", option.placeholder, is_path ? "_files" : "");
    }
    specs += "'";
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return specs;
}

std::string zsh_script(const std::vector<Declared>& commands, const OptionList& core_options) {
  std::string names;
  std::string cases;
  for (const Declared& declared : commands) {
    names += fmt::format("    '{}:{}'\n", declared.spec->name, zsh_text(declared.spec->summary));
    std::string specs;
    for (const Option& option : declared.options.options()) specs += zsh_option(option);
    if (declared.spec->needs_core) {
      for (const Option& option : core_options.options()) specs += zsh_option(option);
    }
    cases += fmt::format("    {}) _arguments{} '*:file:_files' ;;\n", declared.spec->name, specs);
  }
  return fmt::format(R"(#compdef corewalk
# Completion of corewalk for zsh: corewalk completion zsh > a folder of $fpath/_corewalk
_corewalk() {{
  local -a names=(
{0}  )
  if ((CURRENT == 2)); then
    _describe command names
    _files
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{1}    *) _files ;;
  esac
}}
_corewalk "$@"
)",
                     names, cases);
}

class Completion final : public Command {
 public:
  void declare(OptionList& options) override { options.argument(shell_, "shell", "bash or zsh"); }

  ExitCode run(RunContext& context) override {
    const std::vector<Declared> commands = declared_commands();
    const CoreOptions core_options;
    if (shell_ == "bash") {
      context.output.write(bash_script(commands, core_options.list()));
    } else if (shell_ == "zsh") {
      context.output.write(zsh_script(commands, core_options.list()));
    } else {
      throw Failure(ExitCode::kUsage, fmt::format("There is completion for bash and zsh, not '{}'.",
                                                  escape_for_terminal(shell_)));
    }
    return ExitCode::kDone;
  }

 private:
  std::string shell_;
};

}  // namespace

const CommandSpec& completion_command() {
  static const CommandSpec kSpec = {
      .name = "completion",
      .group = CommandGroup::kTool,
      .summary = "Print a completion script for bash or zsh",
      .details =
          "Prints a script that makes the shell complete the names and options of the "
          "commands. For bash, put the line 'source <(corewalk completion bash)' into "
          "~/.bashrc. For zsh, write it to a file _corewalk in a folder of $fpath.",
      .example = "$ source <(corewalk completion bash)",
      .needs_core = false,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Completion>()); },
  };
  return kSpec;
}

}  // namespace corewalk
