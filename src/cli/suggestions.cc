#include "cli/suggestions.h"

#include "commands/registry.h"

namespace corewalk {

std::vector<DeclaredCommand> declared_commands(const HostGrammar& host) {
  std::vector<DeclaredCommand> all;
  for (const auto& commands : {all_commands(), host.extra_commands}) {
    for (const CommandSpec* spec : commands) {
      if (spec->hidden) continue;
      DeclaredCommand& declared = all.emplace_back();
      declared.spec = spec;
      declared.command = spec->create();
      declared.command->declare(declared.options);
    }
  }
  return all;
}

std::string long_name(const Option& option) {
  return option.names.substr(option.names.rfind(',') + 1);
}

std::vector<std::string> suggest(std::span<const std::string> words, const HostGrammar& host) {
  const std::vector<DeclaredCommand> commands = declared_commands(host);
  std::vector<std::string> suggestions;
  if (words.empty() || words.front() == "help") {
    for (const DeclaredCommand& declared : commands) suggestions.emplace_back(declared.spec->name);
    if (words.empty()) suggestions.emplace_back("quit");
    return suggestions;
  }
  for (const DeclaredCommand& declared : commands) {
    if (declared.spec->name != words.front()) continue;
    for (const Option& option : declared.options.options()) {
      if (long_name(option) == words.back() && !option.choices.empty()) return option.choices;
      suggestions.push_back(long_name(option));
    }
    suggestions.emplace_back("--help");
  }
  return suggestions;
}

}  // namespace corewalk
