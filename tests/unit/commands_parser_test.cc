#include "commands/argument_parser.h"
#include "commands/help_text.h"
#include "commands/registry.h"
#include "support/catch.h"
#include "support/command_runner.h"

namespace corewalk {
namespace {

/// Takes one of everything.
class Probe final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(flag_, "-f,--flag", "a flag");
    options.number(number_, "-n,--number", "N", "a number");
    options.size(size_, "--size", "a size");
    options.text(text_, "--text", "TEXT", "a text");
    options.texts(texts_, "--texts", "TEXT", "texts");
    options.choice(choice_, "--choice", {{"one", 1}, {"two", 2}}, "a choice");
    options.argument(argument_, "thing", "an argument");
  }
  ExitCode run(RunContext& /*context*/) override { return ExitCode::kDone; }

  bool flag_ = false;
  std::optional<uint64_t> number_;
  uint64_t size_ = 0;
  std::optional<std::string> text_;
  std::vector<std::string> texts_;
  int choice_ = 0;
  std::string argument_;
};

const CommandSpec& probe() {
  static const CommandSpec kSpec = {
      .name = "probe",
      .summary = "Probe",
      .details = "Probes.",
      .example = "$ v8 probe x",
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Probe>()); },
  };
  return kSpec;
}

HostGrammar lldb() {
  HostGrammar host;
  host.caller = "v8 ";
  return host;
}

HostGrammar shell() {
  HostGrammar host;
  host.caller = "corewalk ";
  host.prompt = "$ ";
  host.leading_usage = "CORE [EXE]";
  host.leading_example = "core.4711";
  host.min_leading = 1;
  host.max_leading = 2;
  return host;
}

struct Parsed {
  ParsedCommand parsed;
  const Probe& probe;
};

Parsed parse(const std::string& line, const HostGrammar& host = lldb()) {
  ParsedCommand parsed = parse_command(probe(), test::words_of(line), host);
  const auto& command = dynamic_cast<const Probe&>(*parsed.command);
  return {std::move(parsed), command};
}

std::string error_of(const std::string& line, const HostGrammar& host = lldb()) {
  try {
    (void)parse_command(probe(), test::words_of(line), host);
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUsage);
    return failure.what();
  }
  return "no error";
}

TEST_CASE("options of every kind are parsed, in any order", "[commands]") {
  const Parsed parsed =
      parse("-n 5 thing --size 1MB --text=abc --texts a --choice two --texts b -f");
  CHECK(parsed.probe.flag_);
  CHECK(parsed.probe.number_ == 5);
  CHECK(parsed.probe.size_ == 1 << 20);
  CHECK(parsed.probe.text_ == "abc");
  CHECK(parsed.probe.texts_ == std::vector<std::string>{"a", "b"});
  CHECK(parsed.probe.choice_ == 2);
  CHECK(parsed.probe.argument_ == "thing");
}

TEST_CASE("the last of several values counts", "[commands]") {
  CHECK(parse("-n 5 thing --number 6").probe.number_ == 6);
}

TEST_CASE("after -- everything is an argument", "[commands]") {
  CHECK(parse("-- -thing").probe.argument_ == "-thing");
  CHECK(parse("(string)").probe.argument_ == "(string)");
}

TEST_CASE("a missing argument shows the usage as llnode does", "[commands]") {
  CHECK(error_of("") == "USAGE: v8 probe [flags] thing");
  CHECK(error_of("core", shell()) == "USAGE: corewalk probe CORE [EXE] [flags] thing");
  test::CommandRunner runner;
  CHECK(runner.run("findjsinstances").error == "USAGE: v8 findjsinstances [flags] instance_name");
}

TEST_CASE("a bad value is named together with what was expected", "[commands]") {
  CHECK_THAT(error_of("thing -n five"),
             Catch::Matchers::StartsWith("--number takes a whole number, not 'five'.\nUSAGE:"));
  CHECK_THAT(error_of("thing --size 1parsec"), Catch::Matchers::StartsWith("--size takes a size"));
  CHECK_THAT(error_of("thing --choice three"),
             Catch::Matchers::StartsWith("--choice takes one of one, two, not 'three'."));
  CHECK_THAT(error_of("thing --frob"), Catch::Matchers::StartsWith("The following argument was"));
  CHECK_THAT(error_of("thing other"),
             Catch::Matchers::StartsWith("'other' is one argument too many."));
  CHECK_THAT(error_of("thing -n"), Catch::Matchers::StartsWith("--number"));
  CHECK_THAT(error_of("thing --text"), !Catch::Matchers::StartsWith("no error"));
}

TEST_CASE("the core and the program come before a command's own arguments", "[commands]") {
  CHECK(parse("core thing", shell()).parsed.leading == std::vector<std::string>{"core"});
  const Parsed parsed = parse("core node -f thing", shell());
  CHECK(parsed.parsed.leading == std::vector<std::string>{"core", "node"});
  CHECK(parsed.probe.argument_ == "thing");
}

TEST_CASE("--help needs neither core nor arguments", "[commands]") {
  const ParsedCommand parsed = parse_command(probe(), std::vector<std::string>{"--help"}, shell());
  CHECK_FALSE(parsed.needs_core);
}

TEST_CASE("help shows usage, options and the example of the host", "[commands]") {
  const std::string text = command_help(probe(), shell());
  CHECK(text.find("USAGE: corewalk probe CORE [EXE] [flags] thing\n") != std::string::npos);
  CHECK(text.find("  -f, --flag              a flag\n") != std::string::npos);
  CHECK(text.find("  --choice one|two        a choice\n") != std::string::npos);
  CHECK(text.find("$ corewalk probe core.4711 x\n") != std::string::npos);
}

TEST_CASE("text is wrapped between words", "[commands]") {
  CHECK(wrap("aa bb cc", 5, 0) == "aa bb\ncc\n");
  CHECK(wrap("aa bb cc", 7, 2) == "  aa bb\n  cc\n");
  CHECK(wrap("aa\n\nbb", 5, 0) == "aa\n\nbb\n");
  CHECK(wrap("unbreakable", 5, 0) == "unbreakable\n");
}

TEST_CASE("every command explains itself", "[commands]") {
  for (const CommandSpec* spec : all_commands()) {
    INFO(spec->name);
    CHECK_FALSE(spec->summary.empty());
    CHECK(spec->summary.back() != '.');
    CHECK(spec->details.size() > 20);
    CHECK(spec->example.find("$ v8 " + std::string(spec->name)) == 0);
    CHECK(find_command(spec->name, lldb()) == spec);
  }
}

TEST_CASE("a misspelt command gets a suggestion", "[commands]") {
  test::CommandRunner runner;
  CHECK(runner.run("findjsobject").error ==
        "There is no command 'findjsobject'. Did you mean 'findjsobjects'? 'v8 help' lists the "
        "commands.");
  CHECK(runner.run("bla").error == "There is no command 'bla'. 'v8 help' lists the commands.");
  CHECK(runner.run("help nodeinfos").code == ExitCode::kUsage);
}

}  // namespace
}  // namespace corewalk
