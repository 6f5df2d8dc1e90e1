// modules: what the program has loaded, CommonJS and ES modules, and from which packages.
#include <fmt/format.h>

#include "commands/answer.h"
#include "commands/listing_options.h"
#include "commands/registry.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

std::string_view to_string(ModuleKind kind) {
  switch (kind) {
    case ModuleKind::kCommonJs:
      return "commonjs";
    case ModuleKind::kEsm:
      return "esm";
  }
  return "";
}

/// "name@1.2.3", "name", "".
std::string package_text(const LoadedModule& module) {
  if (module.package_version.empty()) return module.package;
  return module.package + "@" + module.package_version;
}

class Modules final : public Command {
 public:
  void declare(OptionList& options) override {
    options_.declare(options, "only those whose file or package matches this regular expression");
  }

  ExitCode run(RunContext& context) override {
    const auto isolate = options_.isolate.resolve(*context.session, context.progress);
    const NameFilter filter(options_.filter);
    std::vector<LoadedModule> modules = context.session->modules(context.progress);
    std::erase_if(modules, [&](const LoadedModule& module) {
      return (isolate && module.isolate != *isolate) ||
             !(filter.passes(module.file) || filter.passes(package_text(module)));
    });
    const Coverage coverage = context.session->spaces(isolate, context.progress).coverage;
    const ExitCode code = warn_about_answer(context, coverage, false);
    const size_t total = modules.size();
    options_.cut(modules);
    if (options_.format.json) {
      write_answer(context, modules, total, coverage);
    } else {
      write_text(context, modules, total);
    }
    return code;
  }

 private:
  static Value exports_of(RunContext& context, const LoadedModule& module) {
    return context.session->inspect(*module.exports, {.depth = 0}, context.progress);
  }

  static std::string line(RunContext& context, const LoadedModule& module) {
    std::string text =
        value_line(context.session->inspect(module.object.value(), {.depth = 0}, context.progress));
    text += " " + escape_for_terminal(module.file);
    if (const std::string package = package_text(module); !package.empty()) {
      text += fmt::format(", package={}", escape_for_terminal(package));
    }
    if (!module.status.empty()) text += ", " + module.status;
    if (module.kind == ModuleKind::kCommonJs) {
      if (!module.cached) text += ", not in require.cache";
      if (module.children != 0) text += fmt::format(", children={}", module.children);
    }
    if (module.exports) text += ", exports=" + value_line(exports_of(context, module));
    if (module.isolate != 0) text += fmt::format(" [isolate {}]", module.isolate);
    return text;
  }

  static void write_text(RunContext& context, const std::vector<LoadedModule>& modules,
                         size_t total) {
    std::string text;
    for (const LoadedModule& module : modules) text += line(context, module) + "\n";
    context.output.write(text + listing_end(modules.size(), total, format_count(total, "module")));
  }

  static void write_answer(RunContext& context, const std::vector<LoadedModule>& modules,
                           size_t total, const Coverage& coverage) {
    Json document = begin_json(context, "modules");
    document["coverage"] = coverage_json(coverage, false);
    document["total"] = total;
    document["rows"] = Json::array();
    for (const LoadedModule& module : modules) {
      Json row = Json::object();
      row["isolate"] = module.isolate;
      row["address"] = json_address(module.object);
      row["kind"] = to_string(module.kind);
      row["file"] = module.file;
      row["package"] = json_text(module.package);
      row["package_version"] = json_text(module.package_version);
      row["status"] = json_text(module.status);
      row["cached"] = module.kind == ModuleKind::kCommonJs ? Json(module.cached) : Json();
      row["children"] = module.kind == ModuleKind::kCommonJs ? Json(module.children) : Json();
      row["exports"] = module.exports ? value_json(exports_of(context, module)) : Json();
      document["rows"].push_back(std::move(row));
    }
    context.output.write(write_json(document));
  }

  ListingOptions options_;
};

constexpr std::string_view kDetails =
    R"(Lists the modules of each thread by file: those of require() and ES modules, without Node's own. 'children' counts the modules that one was the first to require; 'not in require.cache' is said of those that were taken out of it, or never were in it under their name.

The package is the one the path names (node_modules/NAME). Its version is told where its package.json is in the heap: Node 12 to 17 keep its text; later ones do not, unless the program has required the file itself.)";

constexpr std::string_view kExample = R"($ v8 modules --filter lib/
0x1d35a443cfd9:<Object: Module> /srv/app/lib/db.js, loaded, exports=0x37c12c092881:<Object: Object>
0x1d35a443d069:<Object: Module> /srv/app/lib/session.js, loaded, exports=0x37c12c0927f9:<Object: Object>
(2 modules))";

}  // namespace

const CommandSpec& modules_command() {
  static const CommandSpec kSpec = {
      .name = "modules",
      .group = CommandGroup::kNode,
      .summary = "List the loaded modules: file, package and version, exports",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Modules>()); },
  };
  return kSpec;
}

}  // namespace corewalk
