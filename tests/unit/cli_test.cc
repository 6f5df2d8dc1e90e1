#include <filesystem>
#include <fstream>

#include "cli/line_reader.h"
#include "cli/lldb_setup.h"
#include "cli/program.h"
#include "cli/suggestions.h"
#include "support/catch.h"
#include "support/fake_session.h"

namespace corewalk {
namespace {

using test::contains_text;

using Words = std::vector<std::string>;

TEST_CASE("a prompt's line is split like a shell's", "[cli]") {
  CHECK(split_words("findjsobjects  --limit 5") == Words{"findjsobjects", "--limit", "5"});
  CHECK(split_words(R"(a 'b c' "d \" e" f\ g '')") == Words{"a", "b c", "d \" e", "f g", ""});
  CHECK(split_words("   ").empty());
  CHECK_THROWS_AS(split_words("a 'b"), Failure);
}

TEST_CASE("lldb-setup adds its line, replaces it and takes it out", "[cli]") {
  const std::string before = "settings set prompt '> '\nplugin load other.so";
  const std::string with = with_plugin_line(before, "/opt/a b/corewalk-lldb.so");
  CHECK(with.starts_with(before + "\n# "));
  CHECK(with.ends_with("\nplugin load \"/opt/a b/corewalk-lldb.so\"\n"));
  const std::string moved = with_plugin_line(with, "/usr/lib/corewalk/corewalk-lldb.so");
  CHECK(moved.find("/opt/") == std::string::npos);
  CHECK(without_plugin_line(moved) == before + "\n");
  CHECK(without_plugin_line(before) == before);
  CHECK(without_plugin_line("").empty());
}

TEST_CASE("lldb-setup leaves what someone wrote in place of its line", "[cli]") {
  const std::string text = with_plugin_line("", "/opt/corewalk-lldb.so");
  const std::string edited = text.substr(0, text.find('\n') + 1) + "settings set x y\n";
  CHECK(without_plugin_line(edited) == "settings set x y\n");
}

TEST_CASE("the prompt suggests commands, then options, then their values", "[cli]") {
  using Catch::Matchers::VectorContains;
  HostGrammar host;
  host.prompt = "(corewalk) ";
  const auto after = [&](const Words& words) { return suggest(words, host); };
  CHECK_THAT(after({}), VectorContains(std::string("findjsobjects")));
  CHECK_THAT(after({"help"}), VectorContains(std::string("doctor")));
  CHECK_THAT(after({"findjsobjects"}), VectorContains(std::string("--detailed")));
  CHECK(after({"findjsobjects", "--sort"}) ==
        Words{"count", "size", "retained", "distance", "name"});
  CHECK(after({"nonsense"}).empty());
}

ExitCode run(const Words& words) { return Program().run(words); }

TEST_CASE("core, program and core options reach the session", "[cli]") {
  test::reset_fake_target();
  CHECK(run({"isolates", "core.1", "--exe", "/opt/node", "--search-path", "/a", "--search-path",
             "/b", "--layout", "my.layout", "--force"}) == ExitCode::kDone);
  const SessionOptions& options = test::fake_target().opened_with;
  CHECK(options.core == "core.1");
  CHECK(options.executable == "/opt/node");
  CHECK(options.search_paths == std::vector<std::filesystem::path>{"/a", "/b"});
  CHECK(options.layout_file == "my.layout");
  CHECK(options.force);
  CHECK(run({"isolates", "core.1", "node"}) == ExitCode::kDone);
  CHECK(test::fake_target().opened_with.executable == "node");
}

std::string error_of(const Words& words) {
  try {
    (void)run(words);
  } catch (const Failure& failure) {
    CHECK(failure.code() == ExitCode::kUsage);
    return failure.what();
  }
  return "no error";
}

TEST_CASE("a wrong command line says what to do", "[cli]") {
  CHECK_THAT(error_of({}), contains_text("'corewalk help' lists the commands"));
  CHECK_THAT(error_of({"findjsobject"}), contains_text("Did you mean 'findjsobjects'?"));
  CHECK_THAT(error_of({"isolates"}), contains_text("USAGE: corewalk isolates CORE [EXE] [flags]"));
  CHECK_THAT(error_of({"isolates", "c", "node", "--exe", "node2"}), contains_text("Two programs"));
  CHECK_THAT(error_of({"isolates", "/missing"}), contains_text("no such file"));
  CHECK_THAT(error_of({"./missing"}), contains_text("no such file"));
  CHECK_THAT(error_of({"completion", "tcsh"}), contains_text("bash, zsh and fish"));
}

}  // namespace
}  // namespace corewalk
