// nodeinfo: what process.version, process.argv, process.env and their like said. llnode's command
// of that name.
#include <fmt/format.h>

#include <algorithm>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "inspect/date_text.h"
#include "report/escape.h"
#include "report/secrets.h"
#include "report/units.h"

namespace corewalk {
namespace {

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : escape_for_terminal(text);
}

std::string list_of_pairs(const std::map<std::string, std::string>& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) {
    text += fmt::format("    {} = {}\n", escape_for_terminal(key), escape_for_terminal(value));
  }
  return text;
}

std::string numbered_list(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    text += fmt::format("    [{}] = '{}'\n", i, escape_for_terminal(items[i]));
  }
  return text;
}

std::string to_text(const NodeInfo& info) {
  std::string text = fmt::format("Information for process id {}", info.pid);
  if (info.process_object) {
    text += fmt::format(" (process={})", format_address(*info.process_object));
  }
  text += fmt::format("\nPlatform = {}, Architecture = {}, Node Version = {}\n",
                      or_unknown(info.platform), or_unknown(info.arch), or_unknown(info.version));
  text += "Component versions (process.versions):\n" + list_of_pairs(info.versions);
  text += "Release Info (process.release):\n" + list_of_pairs(info.release);
  text += fmt::format("Executable Path = {}\n", or_unknown(info.exec_path));
  text += "Command line arguments (process.argv):\n" + numbered_list(info.argv);
  text += "Node.js Command line arguments (process.execArgv):\n" + numbered_list(info.exec_argv);
  return text;
}

/// A variable as it may be shown.
struct ShownVariable {
  std::string name;
  std::string value;
  bool masked = false;
};

std::vector<ShownVariable> shown(const std::vector<EnvironmentVariable>& all, bool secrets_too) {
  std::vector<ShownVariable> list;
  for (const EnvironmentVariable& variable : all) {
    auto mask = secrets_too ? std::nullopt : masked(variable.name, variable.value);
    const bool is_masked = mask.has_value();
    list.push_back({variable.name, mask ? std::move(*mask) : variable.value, is_masked});
  }
  return list;
}

size_t masked_count(const std::vector<ShownVariable>& list) {
  return static_cast<size_t>(std::count_if(
      list.begin(), list.end(), [](const ShownVariable& variable) { return variable.masked; }));
}

std::string environment_text(const ProcessFacts& facts, const std::vector<ShownVariable>& list) {
  if (list.empty()) return "Environment = unknown\n";
  std::string text =
      fmt::format("Environment ({}):\n",
                  facts.environment_is_current ? "process.env" : "as it was at the start");
  for (const ShownVariable& variable : list) {
    text += fmt::format("    {} = '{}'\n", escape_for_terminal(variable.name),
                        escape_for_terminal(variable.value));
  }
  if (const size_t count = masked_count(list); count != 0) {
    text += fmt::format("    (secrets are masked in {}; --show-secrets shows them)\n",
                        format_count(count, "variable"));
  }
  return text;
}

std::string to_text(const ProcessFacts& facts, uint64_t parent_pid) {
  std::string text = fmt::format("Parent process id = {}\n", parent_pid);
  text += fmt::format("Title = {}\n", or_unknown(facts.title));
  text += fmt::format("Working directory = {}", or_unknown(facts.cwd));
  if (!facts.cwd_source.empty()) text += fmt::format(" ({})", facts.cwd_source);
  text += "\nStarted = " + (facts.started_at_ms ? iso_time(*facts.started_at_ms) : "unknown");
  text += facts.uptime_at_least_s
              ? fmt::format("\nUptime = at least {:.3f} s\n", *facts.uptime_at_least_s)
              : "\nUptime = unknown\n";
  return text;
}

class NodeInfoCommand final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(show_secrets_, "--show-secrets",
                 "print the environment as it is: by default, values that look like secrets are "
                 "masked");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const NodeInfo info = context.session->node_info(context.progress);
    const ProcessFacts facts = context.session->process_facts(context.progress);
    const std::vector<ShownVariable> environment = shown(facts.environment, show_secrets_);
    warn_about_target(context);
    for (const std::string& field : info.unreadable) {
      context.output.warn("could not read " + escape_for_terminal(field));
    }
    if (format_.json) {
      write_answer(context, info, facts, environment);
    } else {
      context.output.write(to_text(info) + to_text(facts, context.session->process().parent_pid) +
                           environment_text(facts, environment));
    }
    return info.unreadable.empty() ? ExitCode::kDone : ExitCode::kPartial;
  }

 private:
  static void write_answer(RunContext& context, const NodeInfo& info, const ProcessFacts& facts,
                           const std::vector<ShownVariable>& environment) {
    Json document = begin_json(context, "nodeinfo");
    document["pid"] = info.pid;
    document["process_object"] = json_address(info.process_object);
    document["platform"] = json_text(info.platform);
    document["arch"] = json_text(info.arch);
    document["version"] = json_text(info.version);
    document["versions"] = info.versions;
    document["release"] = info.release;
    document["exec_path"] = json_text(info.exec_path);
    document["argv"] = info.argv;
    document["exec_argv"] = info.exec_argv;
    document["parent_pid"] = context.session->process().parent_pid;
    document["title"] = json_text(facts.title);
    document["cwd"] = json_text(facts.cwd);
    document["cwd_source"] = json_text(facts.cwd_source);
    document["started_at"] = facts.started_at_ms ? Json(iso_time(*facts.started_at_ms)) : Json();
    document["uptime_at_least_seconds"] =
        facts.uptime_at_least_s ? Json(*facts.uptime_at_least_s) : Json();
    document["environment"] = Json::array();
    for (const ShownVariable& variable : environment) {
      document["environment"].push_back(
          {{"name", variable.name}, {"value", variable.value}, {"masked", variable.masked}});
    }
    document["environment_is_current"] = facts.environment_is_current;
    document["masked"] = masked_count(environment);
    document["unreadable"] = info.unreadable;
    context.output.write(write_json(document));
  }

  bool show_secrets_ = false;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Reads the properties of the main thread's 'process' object out of the heap: platform, architecture, the versions of Node.js and of its components, the release, the path of the program, process.argv and process.execArgv. What 'process' tells by functions and getters comes from where those look: the title, the working directory, the environment with the changes the program made to it, when it was started.

Values of environment variables are masked if the name holds KEY, TOKEN, SECRET, PASS, AUTH, CREDENTIAL, COOKIE or DSN, and so are the passwords in URLs; --show-secrets shows them. Arguments are printed as they are.

The working directory is what process.cwd() last answered, or else PWD at the start: a core does not hold the kernel's. The uptime counts up to the last time the main thread's event loop looked at its clock, so a thread that was busy to the end lived longer than that.)";

constexpr std::string_view kExample = R"($ v8 nodeinfo
Information for process id 18271 (process=0x206c56002a41)
Platform = linux, Architecture = x64, Node Version = v22.23.3
Component versions (process.versions):
    ...
    node = 22.23.3
    openssl = 3.5.8
    ...
    uv = 1.51.0
    ...
    v8 = 12.4.254.21-node.57
    ...
Release Info (process.release):
    ...
    lts = Jod
    name = node
    ...
Executable Path = /usr/local/bin/node
Command line arguments (process.argv):
    [0] = '/usr/local/bin/node'
    [1] = '/srv/app/server.js'
Node.js Command line arguments (process.execArgv):
    [0] = '--max-old-space-size=512'
Parent process id = 18270
Title = /usr/local/bin/node
Working directory = /srv/app (PWD at the start)
Started = 2026-11-21T16:01:35.039Z
Uptime = at least 0.815 s
Environment (process.env):
    PATH = '/usr/local/bin:/usr/bin:/bin'
    HOME = '/home/app'
    LANG = 'C.UTF-8'
    PWD = '/srv/app'
    NODE_ENV = 'production'
    DATABASE_URL = 'postgres://app:***@db/orders'
    SESSION_KEY = '***'
    (secrets are masked in 2 variables; --show-secrets shows them))";

}  // namespace

const CommandSpec& nodeinfo_command() {
  static const CommandSpec kSpec = {
      .name = "nodeinfo",
      .group = CommandGroup::kTarget,
      .summary = "Print versions, command line, environment and more from the process object",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<NodeInfoCommand>()); },
  };
  return kSpec;
}

}  // namespace corewalk
