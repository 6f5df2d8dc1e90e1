#include "commands/argument_parser.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "commands/help_text.h"
#include "report/escape.h"

namespace corewalk {
namespace {

/// Stands in for a command whose --help was asked for.
class HelpCommand final : public Command {
 public:
  explicit HelpCommand(std::string text) : text_(std::move(text)) {}
  void declare(OptionList& /*options*/) override {}
  ExitCode run(RunContext& context) override {
    context.output.write(text_);
    return ExitCode::kDone;
  }

 private:
  std::string text_;
};

Failure usage_failure(const CommandSpec& spec, const HostGrammar& host, const std::string& why) {
  const std::string usage = "USAGE: " + usage_of(spec, host);
  return Failure(ExitCode::kUsage, why.empty() ? usage : why + "\n" + usage);
}

/// Assigns the value an option was given, or says what it should have been.
void assign(const Option& option, const std::string& value) {
  const std::string name = option.names.substr(option.names.rfind(',') + 1);
  const auto complain = [&](std::string_view expected) {
    throw Failure(ExitCode::kUsage, fmt::format("{} takes {}, not '{}'.", name, expected,
                                                escape_for_terminal(value)));
  };
  if (!option.choices.empty() &&
      std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
    complain(fmt::format("one of {}", fmt::join(option.choices, ", ")));
  }
  try {
    option.assign(value);
  } catch (const std::invalid_argument& expected) {
    complain(expected.what());
  }
}

/// An option with what CLI11 found for it.
struct BoundOption {
  const Option* option = nullptr;
  bool is_set = false;
  std::vector<std::string> values = {};
};

void add_to(CLI::App& app, BoundOption& bound) {
  const Option& option = *bound.option;
  if (option.placeholder.empty()) {
    app.add_flag(option.names, bound.is_set);
    return;
  }
  CLI::Option* added = app.add_option(option.names, bound.values)->allow_extra_args(false);
  if (option.repeatable) return;
  added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::string without_type_name(const CLI::ParseError& error) {
  std::string message = error.what();
  if (!message.empty() && message.back() != '.') message += '.';
  return message;
}

/// How many of `given` arguments are the host's.
size_t leading_count(const OptionList& options, const HostGrammar& host,
                     const std::vector<std::string>& given) {
  const bool ends_with_address = !options.arguments().empty() &&
                                 options.arguments().back().is_address && !given.empty() &&
                                 given.back().starts_with("0x");
  const size_t own = options.required_arguments() + (ends_with_address ? 1 : 0);
  const size_t left = given.size() > own ? given.size() - own : 0;
  return std::min(left, host.max_leading);
}

}  // namespace

std::string usage_of(const CommandSpec& spec, const HostGrammar& host) {
  OptionList options;
  const std::unique_ptr<Command> command = spec.create();
  command->declare(options);
  std::string usage = host.caller + full_name(spec);
  if (spec.needs_core && !host.leading_usage.empty()) usage += " " + host.leading_usage;
  if (!options.options().empty()) usage += " [flags]";
  for (const Argument& argument : options.arguments()) {
    usage += argument.required ? " " + argument.name : " [" + argument.name + "]";
  }
  return usage;
}

ParsedCommand parse_command(const CommandSpec& spec, std::span<const std::string> arguments,
                            const HostGrammar& host) {
  ParsedCommand parsed{.command = spec.create(), .leading = {}, .needs_core = spec.needs_core};
  OptionList options;
  parsed.command->declare(options);

  std::vector<BoundOption> bound;
  for (const Option& option : options.options()) bound.push_back({.option = &option});
  if (host.options != nullptr && spec.needs_core) {
    for (const Option& option : host.options->options()) bound.push_back({.option = &option});
  }

  CLI::App app;
  bool wants_help = false;
  std::vector<std::string> positional;
  app.set_help_flag();
  app.add_flag("-h,--help", wants_help);
  for (BoundOption& option : bound) add_to(app, option);
  app.add_option("arguments", positional);

  const bool has_second_word =
      !spec.second_word.empty() && !arguments.empty() && arguments.front() == spec.second_word;
  if (has_second_word) arguments = arguments.subspan(1);
  // CLI11 takes the arguments as a stack: the last one first.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw usage_failure(spec, host, without_type_name(error));
  }

  if (wants_help) {
    parsed.command = std::make_unique<HelpCommand>(command_help(spec, host));
    parsed.needs_core = false;
    return parsed;
  }
  try {
    for (const BoundOption& option : bound) {
      if (option.is_set) assign(*option.option, "");
      for (const std::string& value : option.values) assign(*option.option, value);
    }
  } catch (const Failure& failure) {
    throw usage_failure(spec, host, failure.what());
  }

  const size_t leading = spec.needs_core ? leading_count(options, host, positional) : size_t{0};
  const size_t own = positional.size() - leading;
  if ((spec.needs_core && leading < host.min_leading) || own < options.required_arguments()) {
    throw usage_failure(spec, host, "");
  }
  if (own > options.arguments().size()) {
    throw usage_failure(
        spec, host,
        fmt::format("'{}' is one argument too many.", escape_for_terminal(positional.back())));
  }
  parsed.leading.assign(positional.begin(),
                        positional.begin() + static_cast<std::ptrdiff_t>(leading));
  for (size_t i = 0; i < own; ++i) options.arguments()[i].assign(positional[leading + i]);
  return parsed;
}

}  // namespace corewalk
