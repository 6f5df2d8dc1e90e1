// manual: the man pages and docs/commands.md, written from the registry. For the build.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cli/host_commands.h"
#include "cli/program.h"
#include "commands/argument_parser.h"
#include "commands/help_text.h"
#include "commands/registry.h"
#include "commands/version.h"

namespace corewalk {
namespace fs = std::filesystem;
namespace {

struct ExitCodeText {
  ExitCode code;
  std::string_view text;
};
constexpr ExitCodeText kExitCodes[] = {
    {ExitCode::kDone, "The answer is complete."},
    {ExitCode::kRuleFailed, "A rule that was asked for does not hold."},
    {ExitCode::kUsage, "Wrong arguments, or the environment: no such file, not a core."},
    {ExitCode::kPartial, "There is an answer, but something of the heap is missing or damaged."},
    {ExitCode::kUnsupported, "Not Node.js, or a V8 that no layout fits."},
};

std::vector<const CommandSpec*> listed_commands() {
  std::vector<const CommandSpec*> listed;
  for (const auto& commands : {all_commands(), host_commands()}) {
    for (const CommandSpec* spec : commands) {
      if (!spec->hidden) listed.push_back(spec);
    }
  }
  return listed;
}

/// Text for roff: backslashes, hyphens and leading dots lose their meaning.
std::string roff(std::string_view text) {
  std::string safe;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) safe += "\\&";
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
    line_start = c == '\n';
  }
  return safe;
}

std::string roff_paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find("\n\n"), text.size());
    out += ".PP\n" + roff(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

std::string roff_options(const OptionList& options) {
  std::string out;
  for (const Option& option : options.options()) {
    out +=
        fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(option.names),
                    option.placeholder.empty() ? "" : " \\fI" + roff(option.placeholder) + "\\fR",
                    roff(option.help));
  }
  return out;
}

std::string roff_title(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return fmt::format(".TH {} 1 \"\" \"corewalk {}\" \"corewalk\"\n", roff(upper), version_number());
}

std::string roff_exit_codes() {
  std::string out = ".SH EXIT STATUS\n";
  for (const auto& [code, text] : kExitCodes) {
    out += fmt::format(".TP\n{}\n{}\n", static_cast<int>(code), roff(text));
  }
  return out;
}

std::string command_page(const CommandSpec& spec, const HostGrammar& host) {
  OptionList options;
  const std::unique_ptr<Command> command = spec.create();
  command->declare(options);
  const std::string name = fmt::format("corewalk-{}", spec.name);
  std::string page = roff_title(name);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(spec.summary));
  page += fmt::format(".SH SYNOPSIS\n{}\n", roff(usage_of(spec, host)));
  page += ".SH DESCRIPTION\n" + roff_paragraphs(spec.details);
  if (!options.options().empty()) page += ".SH OPTIONS\n" + roff_options(options);
  if (spec.needs_core) page += ".SH OPTIONS ABOUT THE CORE\n" + roff_options(*host.options);
  page += ".SH EXAMPLE\n.EX\n" + roff(example_for(spec, host)) + "\n.EE\n";
  page += roff_exit_codes();
  return page + ".SH SEE ALSO\n.BR corewalk (1)\n";
}

std::string main_page(const HostGrammar& host) {
  std::string page = roff_title("corewalk");
  page += ".SH NAME\ncorewalk \\- walk the heap of a dead Node.js process\n";
  page +=
      ".SH SYNOPSIS\n\\fBcorewalk\\fR \\fINAME\\fR \\fICORE\\fR [\\fIEXE\\fR] [options]\n.br\n"
      "\\fBcorewalk\\fR \\fICORE\\fR [\\fIEXE\\fR]\n";
  page += ".SH DESCRIPTION\n" +
          roff_paragraphs(
              "Reads the core dump of a Node.js process and answers what filled its heap. EXE is "
              "the node program that ran; if it is not given it is searched for. Without a NAME a "
              "prompt takes the commands. The same commands are there in LLDB as 'v8 NAME' once "
              "'corewalk lldb-setup' was run.");
  page += ".SH COMMANDS\n";
  for (const CommandSpec* spec : listed_commands()) {
    page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(spec->name), roff(spec->summary));
  }
  page += ".SH OPTIONS ABOUT THE CORE\n" + roff_options(*host.options);
  page += roff_exit_codes();
  page +=
      ".SH ENVIRONMENT\n.TP\nNO_COLOR\nIf set and not empty: no colours.\n"
      ".TP\nCOREWALK_PATH\nFolders to search for the program, like \\-\\-search\\-path, "
      "separated by colons.\n";
  page += ".SH SEE ALSO\n";
  for (const CommandSpec* spec : listed_commands()) {
    page += fmt::format(".BR corewalk\\-{} (1){}\n", roff(spec->name),
                        spec == listed_commands().back() ? "" : ",");
  }
  return page;
}

std::string markdown_options(const OptionList& options) {
  std::string out;
  for (const Option& option : options.options()) {
    std::string names = option.names;
    for (size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 4) {
      names.replace(at, 1, "`, `");
    }
    if (!option.placeholder.empty()) names += " " + option.placeholder;
    out += fmt::format("- `{}`: {}\n", names, option.help);
  }
  return out;
}

std::string markdown(const HostGrammar& host) {
  std::string text = R"(# Commands

<!-- Written by `make docs` from the commands themselves. Do not edit. -->

In a shell a command is `corewalk NAME CORE [EXE] [options]`; in LLDB it is `v8 NAME [options]`, with
the same options and the same output. `corewalk CORE` opens a prompt.

)";
  for (const CommandSpec* spec : listed_commands()) {
    text += fmt::format("- [`{0}`](#{0}): {1}\n", spec->name, spec->summary);
  }
  text += "\n## Options about the core\n\nIn the shell, every command about a core takes them.\n\n";
  text += markdown_options(*host.options);
  text += "\n## Exit codes\n\n";
  for (const auto& [code, meaning] : kExitCodes) {
    text += fmt::format("- {}: {}\n", static_cast<int>(code), meaning);
  }
  for (const CommandSpec* spec : listed_commands()) {
    OptionList options;
    const std::unique_ptr<Command> command = spec->create();
    command->declare(options);
    text += fmt::format("\n## {}\n\n{}.\n\n    {}\n\n{}\n", spec->name, spec->summary,
                        usage_of(*spec, host), wrap(spec->details, 100, 0));
    const std::string list = markdown_options(options);
    if (!list.empty()) text += list + "\n";
    text += "```console\n" + example_for(*spec, host) + "\n```\n";
  }
  return text;
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file) throw Failure(ExitCode::kUsage, fmt::format("{} cannot be written.", path.string()));
}

class Manual final : public Command {
 public:
  void declare(OptionList& options) override {
    options.text(man_folder_, "--man", "DIR", "write the man pages into this folder");
    options.flag(markdown_, "--markdown", "print docs/commands.md");
  }

  ExitCode run(RunContext& context) override {
    const HostGrammar& host = context.host;
    if (man_folder_) {
      fs::create_directories(*man_folder_);
      write_file(fs::path(*man_folder_) / "corewalk.1", main_page(host));
      for (const CommandSpec* spec : listed_commands()) {
        write_file(fs::path(*man_folder_) / fmt::format("corewalk-{}.1", spec->name),
                   command_page(*spec, host));
      }
    }
    if (markdown_) context.output.write(markdown(host));
    return ExitCode::kDone;
  }

 private:
  std::optional<std::string> man_folder_;
  bool markdown_ = false;
};

}  // namespace

const CommandSpec& manual_command() {
  static const CommandSpec kSpec = {
      .name = "manual",
      .group = CommandGroup::kTool,
      .summary = "Write the man pages and docs/commands.md",
      .details = "Writes the documentation of the commands from the commands themselves.",
      .example = "$ corewalk manual --man man1",
      .needs_core = false,
      .hidden = true,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Manual>()); },
  };
  return kSpec;
}

}  // namespace corewalk
