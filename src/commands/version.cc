// version: which corewalk this is.
#include "commands/version.h"

#include <fmt/format.h>

#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/json_writer.h"

#ifndef COREWALK_VERSION
#error "the build must define COREWALK_VERSION"
#endif

namespace corewalk {
namespace {

class Version final : public Command {
 public:
  void declare(OptionList& options) override { format_.declare(options); }

  ExitCode run(RunContext& context) override {
    if (format_.json) {
      Json document = json_document("version", 1);
      document["version"] = version_number();
      context.output.write(write_json(document));
    } else {
      context.output.write(fmt::format("corewalk {}\n", version_number()));
    }
    return ExitCode::kDone;
  }

 private:
  FormatOptions format_;
};

}  // namespace

std::string_view version_number() { return COREWALK_VERSION; }

const CommandSpec& version_command() {
  static const CommandSpec kSpec = {
      .name = "version",
      .group = CommandGroup::kTool,
      .summary = "Print the version of corewalk",
      .details = "Prints the version of corewalk.",
      .example = "$ v8 version\ncorewalk 0.1.0",
      .needs_core = false,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Version>()); },
  };
  return kSpec;
}

}  // namespace corewalk
