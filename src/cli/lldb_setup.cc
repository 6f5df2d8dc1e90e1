// lldb-setup: makes plain `lldb` load the plugin. LLDB has no folder of its own for plugins of this
// kind (what lies in ~/.local/share/lldb is loaded, but never told about a debugger), so a line in
// ~/.lldbinit it is.
#include "cli/lldb_setup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/failure.h"
#include "cli/host_commands.h"
#include "report/escape.h"

#ifndef COREWALK_PLUGIN_FROM_BIN
#error "the build must define COREWALK_PLUGIN_FROM_BIN"
#endif

namespace corewalk {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMarker =
    "# The next line was added by 'corewalk lldb-setup'; 'corewalk lldb-setup --remove' removes "
    "it.";

/// Where LLDB looks for its commands at start.
fs::path init_file() {
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw Failure(ExitCode::kUsage,
                  "HOME is not set, so it is not known where .lldbinit is. Set it.");
  }
  return fs::path(home) / ".lldbinit";
}

std::string read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw Failure(ExitCode::kUsage, fmt::format("{} cannot be read.", path.string()));
  }
  return text.str();
}

/// Replaces the file in one step. A symbolic link stays one.
void write_text(const fs::path& path, const std::string& text) {
  std::error_code error;
  const fs::path target = fs::exists(path, error) ? fs::canonical(path, error) : path;
  const fs::path scratch = target.string() + ".corewalk-new";
  {
    std::ofstream file(scratch, std::ios::binary | std::ios::trunc);
    file << text << std::flush;
    if (!file) {
      throw Failure(ExitCode::kUsage, fmt::format("{} cannot be written.", scratch.string()));
    }
  }
  if (fs::exists(target, error)) fs::permissions(scratch, fs::status(target).permissions(), error);
  fs::rename(scratch, target, error);
  if (error) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{} cannot be written: {}.", target.string(), error.message()));
  }
}

/// The names under which LLDB may be on the PATH; empty if it is not.
std::string lldb_on_path() {
  constexpr std::array kNames = {"lldb",    "lldb-22", "lldb-21", "lldb-20", "lldb-19",
                                 "lldb-18", "lldb-17", "lldb-16", "lldb-15", "lldb-14"};
  const char* const path = std::getenv("PATH");
  for (const char* name : kNames) {
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
      if (access((fs::path(folder) / name).c_str(), X_OK) == 0) return name;
    }
  }
  return {};
}

class LldbSetup final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(remove_, "--remove", "take the line out again");
  }

  ExitCode run(RunContext& context) override {
    const fs::path file = init_file();
    const std::string before = read_text(file);
    if (remove_) {
      const std::string after = without_plugin_line(before);
      if (after != before) write_text(file, after);
      context.output.write(fmt::format(
          "{}: {}\n", file.string(),
          after == before ? "there was nothing to remove" : "LLDB no longer loads corewalk"));
      return ExitCode::kDone;
    }
    const std::optional<fs::path> plugin = find_plugin(fs::read_symlink("/proc/self/exe"));
    if (!plugin) {
      throw Failure(ExitCode::kUsage,
                    "The LLDB plugin corewalk-lldb.so was not found beside this program. It is not "
                    "built if LLDB's headers are missing: install liblldb-dev, then build again.");
    }
    write_text(file, with_plugin_line(before, *plugin));
    context.output.write(fmt::format("{}: LLDB now loads {}\n", file.string(), plugin->string()));
    context.output.write(next_step());
    return ExitCode::kDone;
  }

 private:
  static std::string next_step() {
    const std::string lldb = lldb_on_path();
    if (lldb.empty()) {
      return "LLDB itself is not on the PATH: install it (Debian, Ubuntu: apt install lldb).\n";
    }
    return fmt::format("Try it: {} node -c core, then v8 help\n", lldb);
  }

  bool remove_ = false;
};

}  // namespace

std::optional<fs::path> find_plugin(const fs::path& executable) {
  std::error_code error;
  const fs::path plugin =
      (executable.parent_path() / COREWALK_PLUGIN_FROM_BIN / "corewalk-lldb.so").lexically_normal();
  if (!fs::is_regular_file(plugin, error)) return {};
  return plugin;
}

std::string with_plugin_line(std::string_view text, const fs::path& plugin) {
  std::string quoted;
  for (const char c : plugin.string()) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  std::string result = without_plugin_line(text);
  if (!result.empty() && result.back() != '\n') result += '\n';
  return result + fmt::format("{}\nplugin load \"{}\"\n", kMarker, quoted);
}

std::string without_plugin_line(std::string_view text) {
  std::string result;
  bool skip_next = false;
  while (!text.empty()) {
    const size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, size);
    const bool is_marker = line.substr(0, line.find('\n')) == kMarker;
    // Only what we put there: someone may have edited the file.
    const bool is_ours = skip_next && line.find("corewalk-lldb.so") != std::string_view::npos;
    if (!is_marker && !is_ours) result += line;
    skip_next = is_marker;
    text.remove_prefix(size);
  }
  return result;
}

const CommandSpec& lldb_setup_command() {
  static const CommandSpec kSpec = {
      .name = "lldb-setup",
      .group = CommandGroup::kTool,
      .summary = "Make lldb load the plugin, or stop doing so",
      .details =
          "Adds a line to ~/.lldbinit that loads corewalk's plugin, so that 'lldb node -c "
          "core' has the command 'v8'. The same plugin serves every LLDB from 14 on. With "
          "--remove the line is taken out again; the rest of the file stays as it is.",
      .example =
          "$ corewalk lldb-setup\n"
          "/home/me/.lldbinit: LLDB now loads /usr/lib/corewalk/corewalk-lldb.so\n"
          "Try it: lldb-19 node -c core, then v8 help",
      .needs_core = false,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<LldbSetup>()); },
  };
  return kSpec;
}

}  // namespace corewalk
