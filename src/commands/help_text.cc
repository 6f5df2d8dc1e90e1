#include "commands/help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "commands/argument_parser.h"
#include "commands/registry.h"
#include "report/escape.h"

namespace corewalk {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kTermWidth = 26;  // of the left column of lists

/// "  term      text, wrapped and indented below itself".
std::string entry(std::string_view term, std::string_view text) {
  std::string body = wrap(text, kWidth, kTermWidth);
  if (term.size() + 4 > kTermWidth) return fmt::format("  {}\n{}", term, body);
  body.replace(0, kTermWidth, fmt::format("  {:<{}}", term, kTermWidth - 2));
  return body;
}

std::string option_entry(const Option& option) {
  std::string term = option.names;
  for (size_t comma = 0; (comma = term.find(',', comma)) != std::string::npos; comma += 2) {
    term.insert(comma + 1, " ");
  }
  if (!option.placeholder.empty()) term += " " + option.placeholder;
  return entry(term, option.help);
}

}  // namespace

std::string wrap(std::string_view text, size_t width, size_t indent) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    out += (line.empty() ? "" : std::string(indent, ' ') + line) + '\n';
    line.clear();
  };
  while (true) {
    const size_t line_end = std::min(text.find('\n'), text.size());
    std::string_view rest = text.substr(0, line_end);
    while (!rest.empty()) {
      const size_t word_end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, word_end);
      if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush();
      if (!line.empty()) line += ' ';
      line += word;
      rest.remove_prefix(std::min(word_end + 1, rest.size()));
    }
    flush();
    if (line_end == text.size()) return out;
    text.remove_prefix(line_end + 1);
  }
}

std::string example_for(const CommandSpec& spec, const HostGrammar& host) {
  const std::string name = full_name(spec);
  const std::string generic = "$ v8 " + name;
  std::string ours = host.prompt + host.caller + name;
  if (spec.needs_core && !host.leading_example.empty()) ours += " " + host.leading_example;
  std::string example(spec.example);
  for (size_t at = 0; (at = example.find(generic, at)) != std::string::npos; at += ours.size()) {
    example.replace(at, generic.size(), ours);
  }
  return example;
}

std::string command_help(const CommandSpec& spec, const HostGrammar& host) {
  OptionList options;
  const std::unique_ptr<Command> command = spec.create();
  command->declare(options);

  std::string text = fmt::format("{}\n\nUSAGE: {}\n\n{}", spec.summary, usage_of(spec, host),
                                 wrap(spec.details, kWidth, 0));
  if (!options.arguments().empty()) text += "\nArguments:\n";
  for (const Argument& argument : options.arguments()) text += entry(argument.name, argument.help);
  text += "\nOptions:\n";
  for (const Option& option : options.options()) text += option_entry(option);
  text += entry("-h, --help", "print this text");
  if (spec.needs_core && host.options != nullptr) {
    text += "\nOptions about the core:\n";
    for (const Option& option : host.options->options()) text += option_entry(option);
  }
  if (!spec.example.empty()) text += "\nExample:\n\n" + example_for(spec, host) + "\n";
  return text;
}

std::string overview_help(const HostGrammar& host) {
  constexpr std::array kGroups = {CommandGroup::kTarget, CommandGroup::kObjects,
                                  CommandGroup::kRetention, CommandGroup::kNode,
                                  CommandGroup::kTool};
  std::string text = "Walks the heap of a dead Node.js process.\n";
  for (const CommandGroup group : kGroups) {
    text += fmt::format("\n{}:\n", to_string(group));
    for (const auto& commands : {all_commands(), host.extra_commands}) {
      for (const CommandSpec* spec : commands) {
        if (spec->group == group && !spec->hidden) text += entry(spec->name, spec->summary);
      }
    }
  }
  text += fmt::format("\n'{}help NAME' explains a command, with an example.\n", host.caller);
  return text;
}

Failure unknown_command(std::string_view name, const HostGrammar& host) {
  std::string message = fmt::format("There is no command '{}'.", escape_for_terminal(name));
  if (const CommandSpec* meant = similar_command(name, host); meant != nullptr) {
    message += fmt::format(" Did you mean '{}'?", meant->name);
  }
  message += fmt::format(" '{}help' lists the commands.", host.caller);
  return Failure(ExitCode::kUsage, message);
}

}  // namespace corewalk
