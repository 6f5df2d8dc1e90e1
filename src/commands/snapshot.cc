// snapshot: the heap as a .heapsnapshot, for Chrome DevTools and what else reads V8's files.
#include <fmt/format.h>

#include <limits>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr std::string_view kSuffix = ".heapsnapshot";

bool is_standard_output(const std::filesystem::path& path) { return path == "-"; }

/// Without the suffix of the compression.
std::filesystem::path uncompressed_name(const std::filesystem::path& path) {
  const bool compressed = path.extension() == ".gz" || path.extension() == ".zst";
  return compressed ? path.stem() : path.filename();
}

/// What readers will stumble over.
std::vector<std::string> warnings_about(const SnapshotOptions& options,
                                        const SnapshotSummary& summary) {
  const SnapshotStatistics& file = summary.file.statistics;
  std::vector<std::string> warnings;
  if (file.clamped_sizes != 0) {
    warnings.push_back(
        fmt::format("{} of 4 GiB and more: the format holds no such size, it says "
                    "4294967295",
                    format_count(file.clamped_sizes, "object")));
  }
  if (file.string_bytes > kMaxStringsSection) {
    warnings.push_back(fmt::format(
        "the strings take {}, more than Chrome DevTools can load: --string-limit 1024 cuts them",
        format_bytes(file.string_bytes)));
  }
  if (!is_standard_output(options.file.path) &&
      uncompressed_name(options.file.path).extension() != kSuffix) {
    warnings.push_back(
        fmt::format("Chrome DevTools opens only files whose names end in {}", kSuffix));
  }
  return warnings;
}

class Snapshot final : public Command {
 public:
  void declare(OptionList& options) override {
    options.text(output_, "-o,--output", "FILE",
                 "where to: NAME.heapsnapshot, with .gz or .zst behind it compressed; - is "
                 "standard output");
    options.number(string_limit_, "--string-limit", "N",
                   "cut strings after N characters (default: not at all; V8's files: 1024)");
    options.flag(redact_, "--redact", "put tokens in place of what stands in strings");
    options.size(prune_bytes_, "--prune",
                 "fold objects that retain less than SIZE into one node a holder");
    options.texts(ids_, "--find", "ID",
                  "write nothing: print the address of the node @ID of such a file");
    isolate_.declare(options);
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    if (!ids_.empty()) return find(context);
    if (!output_) {
      throw Failure(ExitCode::kUsage,
                    "Give the file to write: -o NAME.heapsnapshot (or .heapsnapshot.zst)");
    }
    SnapshotOptions options;
    options.file = {.path = *output_, .string_limit = string_limit_, .redact = redact_};
    if (is_standard_output(options.file.path) && format_.json) {
      throw Failure(ExitCode::kUsage, "--json and -o - both want standard output");
    }
    options.isolate = isolate_.resolve(*context.session, context.progress);
    options.prune_bytes = prune_bytes_;
    const SnapshotSummary summary = context.session->write_snapshot(options, context.progress);
    if (summary.file.statistics.interrupted) {
      context.output.warn("interrupted: no file was written");
      return ExitCode::kPartial;
    }
    const ExitCode code = warn_about_answer(context, summary.coverage, /*interrupted=*/false);
    const std::vector<std::string> warnings = warnings_about(options, summary);
    for (const std::string& warning : warnings) context.output.warn(warning);
    if (format_.json) {
      write_answer(context, options, summary, warnings);
    } else if (!is_standard_output(options.file.path)) {
      write_text(context, options, summary);
    }
    return code;
  }

 private:
  static void write_text(RunContext& context, const SnapshotOptions& options,
                         const SnapshotSummary& summary) {
    const SnapshotStatistics& file = summary.file.statistics;
    std::string text = fmt::format(
        "{}: {}, {}, {} of heap (isolate {}); {}\n",
        escape_for_terminal(options.file.path.string()), format_count(file.nodes, "node"),
        format_count(file.edges, "edge"), format_bytes(summary.live_bytes), summary.isolate,
        format_bytes(summary.file.written_bytes));
    if (summary.file.folds != 0) {
      text +=
          fmt::format("{} that retain less than {} are folded into {}\n",
                      format_count(summary.file.folded_objects, "object"),
                      format_bytes(options.prune_bytes), format_count(summary.file.folds, "node"));
    }
    context.output.write(text);
  }

  static void write_answer(RunContext& context, const SnapshotOptions& options,
                           const SnapshotSummary& summary,
                           const std::vector<std::string>& warnings) {
    const SnapshotStatistics& file = summary.file.statistics;
    Json document = begin_json(context, "snapshot");
    for (const std::string& warning : warnings) document["warnings"].push_back(warning);
    document["coverage"] = coverage_json(summary.coverage, /*interrupted=*/false);
    document["file"] = options.file.path.string();
    document["isolate"] = summary.isolate;
    document["nodes"] = file.nodes;
    document["edges"] = file.edges;
    document["locations"] = file.locations;
    document["strings"] = file.strings;
    document["live_bytes"] = summary.live_bytes;
    document["text_bytes"] = file.text_bytes;
    document["string_bytes"] = file.string_bytes;
    document["written_bytes"] = summary.file.written_bytes;
    document["clamped_sizes"] = file.clamped_sizes;
    document["folded_objects"] = summary.file.folded_objects;
    document["folds"] = summary.file.folds;
    document["redacted"] = options.file.redact;
    context.output.write(write_json(document));
  }

  /// Throws Failure(kUsage) if it is no id.
  static uint32_t id_of(const std::string& text) {
    const std::string digits = text.starts_with('@') ? text.substr(1) : text;
    const std::optional<uint64_t> number = parse_number(digits);
    if (!number || *number > std::numeric_limits<uint32_t>::max()) {
      throw Failure(ExitCode::kUsage, fmt::format("'{}' is no id of a node: @4711 is one", text));
    }
    return static_cast<uint32_t>(*number);
  }

  ExitCode find(RunContext& context) const {
    std::string text;
    Json rows = Json::array();
    for (const std::string& given : ids_) {
      const uint32_t id = id_of(given);
      const auto place = context.session->find_snapshot_id(id, context.progress);
      if (!place) {
        text += fmt::format("@{}: no object of this core\n", id);
        rows.push_back({{"id", id}, {"address", nullptr}, {"native", false}});
        continue;
      }
      const Value value = context.session->inspect(place->object, {.depth = 0}, context.progress);
      text += fmt::format("@{}: {}{}\n", id, place->native ? "outside the heap, of " : "",
                          value_line(value));
      rows.push_back({{"id", id},
                      {"address", format_address(Address(place->object))},
                      {"native", place->native}});
    }
    warn_about_target(context);
    if (!format_.json) {
      context.output.write(text);
      return ExitCode::kDone;
    }
    Json document = begin_json(context, "snapshot");
    document["rows"] = std::move(rows);
    context.output.write(write_json(document));
    return ExitCode::kDone;
  }

  std::optional<std::string> output_;
  std::optional<uint64_t> string_limit_;
  bool redact_ = false;
  uint64_t prune_bytes_ = 0;
  std::vector<std::string> ids_;
  IsolateOption isolate_;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Writes what v8.writeHeapSnapshot() would have written had the process lived: the live objects of an isolate with all that refers to what, in the form of its own version of V8. Chrome DevTools (Memory, Load profile), memlab and other readers of .heapsnapshot files open it. Objects and their sizes are those of V8's own file; strings are whole unless --string-limit cuts them.

The file appears when it is complete; an interrupted run leaves nothing. Its mode is 0600: it holds what the process held.

--redact makes it fit to be handed on: what stands in strings becomes letters and digits at random, as many as there were characters, the same for the same text, so that duplicates can still be found. Names stay: of properties, variables, functions, classes, and so do the texts of regular expressions. Objects used as dictionaries have their keys for names of properties. The key of the tokens is random and not kept.

A heap can be too large for every viewer. --prune 1MB leaves out the objects that retain less than that, and shows those that one object dominates as one node, '(folded: 12 345 objects)', with the size they had. What stays retains what it did, and totals are unchanged.

Ids of nodes carry addresses: --find prints that of '@ID' as DevTools shows it.)";

constexpr std::string_view kExample = R"($ v8 snapshot -o heap.heapsnapshot.zst
heap.heapsnapshot.zst: 212596 nodes, 880256 edges, 32.2 MB of heap (isolate 0); 2.4 MB
$ v8 snapshot --find @1188151
@1188151: 0xaa171807619:<Object: Session>)";

}  // namespace

const CommandSpec& snapshot_command() {
  static const CommandSpec kSpec = {
      .name = "snapshot",
      .group = CommandGroup::kObjects,
      .summary = "Write a .heapsnapshot for Chrome DevTools",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Snapshot>()); },
  };
  return kSpec;
}

}  // namespace corewalk
