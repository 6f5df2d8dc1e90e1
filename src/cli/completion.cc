// completion: scripts that make bash, zsh and fish complete corewalk's command lines.
#include <fmt/format.h>

#include <algorithm>

#include "cli/host_commands.h"
#include "cli/program.h"
#include "cli/suggestions.h"
#include "commands/registry.h"
#include "report/escape.h"

namespace corewalk {
namespace {

std::string words_of(const Option& option) {
  std::string words = option.names;
  std::replace(words.begin(), words.end(), ',', ' ');
  return words;
}

std::string option_words(const DeclaredCommand& declared, const OptionList& core_options) {
  std::string words = "--help";
  for (const Option& option : declared.options.options()) words += " " + words_of(option);
  if (declared.spec->needs_core) {
    for (const Option& option : core_options.options()) words += " " + words_of(option);
  }
  return words;
}

std::string bash_script(const std::vector<DeclaredCommand>& commands,
                        const OptionList& core_options) {
  std::string names;
  std::string options;
  std::string choices;
  for (const DeclaredCommand& declared : commands) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", declared.spec->name);
    options += fmt::format("    {}) options='{}' ;;\n", declared.spec->name,
                           option_words(declared, core_options));
    for (const Option& option : declared.options.options()) {
      if (option.choices.empty()) continue;
      choices +=
          fmt::format("    {}:{}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n",
                      declared.spec->name, long_name(option), fmt::join(option.choices, " "));
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
    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")); return ;;
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

std::string zsh_script(const std::vector<DeclaredCommand>& commands,
                       const OptionList& core_options) {
  std::string names;
  std::string cases;
  for (const DeclaredCommand& declared : commands) {
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

/// A word inside single quotes of fish.
std::string fish_quoted(std::string_view text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "'";
}

std::string fish_option(const CommandSpec& spec, const Option& option) {
  std::string line =
      fmt::format("complete -c corewalk -n '__fish_seen_subcommand_from {}'", spec.name);
  std::string_view names = option.names;
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    const bool is_long = name.starts_with("--");
    line += fmt::format(" {} {}", is_long ? "-l" : "-s", name.substr(is_long ? 2 : 1));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  if (!option.choices.empty()) {
    line += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  } else if (!option.placeholder.empty()) {
    line += " -r";
  }
  return line + " -d " + fish_quoted(option.help) + "\n";
}

std::string fish_script(const std::vector<DeclaredCommand>& commands,
                        const OptionList& core_options) {
  std::string script =
      "# Completion of corewalk for fish: corewalk completion fish > "
      "~/.config/fish/completions/corewalk.fish\n";
  std::string names;
  for (const DeclaredCommand& declared : commands) {
    const CommandSpec& spec = *declared.spec;
    names += fmt::format("{}{}", names.empty() ? "" : " ", spec.name);
    script += fmt::format("complete -c corewalk -n __fish_use_subcommand -a {} -d {}\n", spec.name,
                          fish_quoted(spec.summary));
    for (const Option& option : declared.options.options()) script += fish_option(spec, option);
    if (!spec.needs_core) continue;
    for (const Option& option : core_options.options()) script += fish_option(spec, option);
  }
  script +=
      fmt::format("complete -c corewalk -n '__fish_seen_subcommand_from help' -f -a '{}'\n", names);
  script +=
      "complete -c corewalk -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  return script;
}

class Completion final : public Command {
 public:
  void declare(OptionList& options) override {
    options.argument(shell_, "shell", "bash, zsh or fish");
  }

  ExitCode run(RunContext& context) override {
    const std::vector<DeclaredCommand> commands = declared_commands(context.host);
    const CoreOptions core_options;
    if (shell_ == "bash") {
      context.output.write(bash_script(commands, core_options.list()));
    } else if (shell_ == "zsh") {
      context.output.write(zsh_script(commands, core_options.list()));
    } else if (shell_ == "fish") {
      context.output.write(fish_script(commands, core_options.list()));
    } else {
      throw Failure(ExitCode::kUsage,
                    fmt::format("There is completion for bash, zsh and fish, not '{}'.",
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
      .summary = "Print a completion script for bash, zsh or fish",
      .details =
          "Prints a script that makes the shell complete the names and options of the "
          "commands. For bash, put the line 'source <(corewalk completion bash)' into "
          "~/.bashrc. For zsh, write it to a file _corewalk in a folder of $fpath; for fish, to "
          "~/.config/fish/completions/corewalk.fish.",
      .example = "$ source <(corewalk completion bash)",
      .needs_core = false,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Completion>()); },
  };
  return kSpec;
}

}  // namespace corewalk
