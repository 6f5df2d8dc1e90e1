// nodeinfo: what process.version, process.argv and their like said. llnode's command of that name.
#include <fmt/format.h>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
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

class NodeInfoCommand final : public Command {
 public:
  void declare(OptionList& options) override { format_.declare(options); }

  ExitCode run(RunContext& context) override {
    const NodeInfo info = context.session->node_info(context.progress);
    warn_about_target(context);
    for (const std::string& field : info.unreadable) {
      context.output.warn("could not read " + escape_for_terminal(field));
    }
    if (format_.json) {
      write_answer(context, info);
    } else {
      context.output.write(to_text(info));
    }
    return info.unreadable.empty() ? ExitCode::kDone : ExitCode::kPartial;
  }

 private:
  static void write_answer(RunContext& context, const NodeInfo& info) {
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
    document["unreadable"] = info.unreadable;
    context.output.write(write_json(document));
  }

  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Reads the properties of the main thread's 'process' object out of the heap: platform, architecture, the versions of Node.js and of its components, the release, the path of the program, process.argv and process.execArgv.)";

constexpr std::string_view kExample = R"($ v8 nodeinfo
Information for process id 4711 (process=0x2f1b3c004119)
Platform = linux, Architecture = x64, Node Version = v22.23.3
Component versions (process.versions):
    node = 22.23.3
    v8 = 12.4.254.21-node.33
Release Info (process.release):
    lts = Jod
    name = node
Executable Path = /usr/bin/node
Command line arguments (process.argv):
    [0] = '/usr/bin/node'
    [1] = '/srv/app/server.js'
Node.js Command line arguments (process.execArgv):
    [0] = '--max-old-space-size=512')";

}  // namespace

const CommandSpec& nodeinfo_command() {
  static const CommandSpec kSpec = {
      .name = "nodeinfo",
      .group = CommandGroup::kTarget,
      .summary = "Print versions, command line and platform from the process object",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<NodeInfoCommand>()); },
  };
  return kSpec;
}

}  // namespace corewalk
