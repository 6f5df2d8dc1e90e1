// info: the dead process as such: why it died, what it ran, what the core holds of it.
#include <fmt/format.h>

#include <array>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/signal_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// Bytes of all mappings, by what became of them.
struct MappingSum {
  uint64_t mappings = 0;
  uint64_t in_core_bytes = 0;
  uint64_t from_file_bytes = 0;  ///< read from the executable or a library instead
  uint64_t not_saved_bytes = 0;
  uint64_t truncated_bytes = 0;
};

MappingSum sum_mappings(const AddressSpace& memory) {
  MappingSum sum;
  for (const Segment& segment : memory.segments()) {
    ++sum.mappings;
    const uint64_t size = segment.range.size();
    switch (segment.residency) {
      case Residency::kPresent:
        (segment.from_file ? sum.from_file_bytes : sum.in_core_bytes) += size;
        break;
      case Residency::kNotInCore:
        sum.not_saved_bytes += size;
        break;
      case Residency::kTruncated:
        sum.truncated_bytes += size;
        break;
      case Residency::kUnmapped:
        break;
    }
  }
  return sum;
}

std::string verdict_text(const BinaryInfo& binary, const std::string& search) {
  if (binary.verdict == BinaryVerdict::kNone) {
    return "not found\n" + search;
  }
  return fmt::format("{} ({}: {})", binary.path, to_string(binary.verdict), binary.reason);
}

/// "Label         text", further lines of the text indented below.
std::string field(std::string_view label, const std::string& text) {
  constexpr size_t kIndent = 14;
  std::string out = fmt::format("{:<{}}", label, kIndent);
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (begin != 0) out += '\n' + std::string(kIndent, ' ');
    out += escape_for_terminal(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + '\n';
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string versions_text(const RuntimeVersions& versions) {
  return fmt::format("{} (V8 {})", or_unknown(versions.node), or_unknown(versions.v8));
}

std::string core_text(const ProcessInfo& process) {
  std::string text =
      fmt::format("{}, {}", process.core_path, format_bytes(process.core_size_bytes));
  switch (process.origin) {
    case CoreOrigin::kKernel:
      text += ", written by the kernel";
      break;
    case CoreOrigin::kDebugger:
      text += ", written by a debugger (gcore)";
      break;
    case CoreOrigin::kUnknown:
      break;
  }
  if (process.core_truncated) {
    text +=
        fmt::format(", TRUNCATED: {} more should follow", format_bytes(process.core_missing_bytes));
  }
  return text;
}

std::string mappings_text(const MappingSum& sum, bool is_alive) {
  std::string text =
      fmt::format("{}: {} {}", format_count(sum.mappings, "mapping"),
                  format_bytes(sum.in_core_bytes), is_alive ? "readable" : "in the core");
  const auto add = [&](uint64_t bytes, std::string_view what) {
    if (bytes != 0) text += fmt::format(", {} {}", format_bytes(bytes), what);
  };
  add(sum.from_file_bytes, "read from the files on disk");
  add(sum.not_saved_bytes, is_alive ? "not readable" : "not saved");
  add(sum.truncated_bytes, "cut off");
  return text;
}

class Info final : public Command {
 public:
  void declare(OptionList& options) override {
    options.flag(threads_, "--threads", "list every thread");
    options.flag(mappings_, "--mappings", "list every mapping");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    warn_about_target(context);
    const MappingSum sum = sum_mappings(context.session->memory());
    if (format_.json) {
      write_answer(context, sum);
    } else {
      write_text(context, sum);
    }
    return sum.truncated_bytes == 0 ? ExitCode::kDone : ExitCode::kPartial;
  }

 private:
  void write_text(RunContext& context, const MappingSum& sum) const {
    const ProcessInfo& process = context.session->process();
    std::string text;
    text += field("Process", fmt::format("{} ({}), {}", process.pid, or_unknown(process.name),
                                         to_string(process.machine)));
    text += field("Ended by", describe_end(process));
    if (const std::optional<EndReason> reason = context.session->end_reason()) {
      text += field("Reason", std::string(describe(*reason)));
    }
    text += field("Command line", or_unknown(process.command_line));
    text += field("Node.js", versions_text(context.session->versions(context.progress)));
    if (!process.core_path.empty()) text += field("Core", core_text(process));
    text += field("Executable", verdict_text(process.executable, process.binary_search));
    if (process.v8_library) {
      text += field("V8 library", verdict_text(*process.v8_library, process.binary_search));
    }
    text += field("Threads", std::to_string(process.threads.size()));
    text += field("Memory", mappings_text(sum, process.core_path.empty()));
    context.output.write(text);
    const TextStyle style = format_.style(context.output);
    if (threads_) context.output.write("\n" + thread_table(process).to_text(style));
    if (mappings_) context.output.write("\n" + mapping_table(*context.session).to_text(style));
  }

  static Table thread_table(const ProcessInfo& process) {
    Table table({{"Thread", "thread_id", ColumnKind::kCount},
                 {"Signal", "signal", ColumnKind::kText, 8},
                 {"PC", "pc", ColumnKind::kAddress},
                 {"SP", "sp", ColumnKind::kAddress}});
    for (const ThreadInfo& thread : process.threads) {
      SignalInfo signal;
      signal.number = thread.signal;
      table.add_row({thread.tid, signal.number == 0 ? Cell() : Cell(std::string(signal.name())),
                     thread.pc, thread.sp});
    }
    return table;
  }

  static std::string residency_name(const Segment& segment) {
    switch (segment.residency) {
      case Residency::kPresent:
        return segment.from_file ? "file" : "core";
      case Residency::kNotInCore:
        return "not saved";
      case Residency::kTruncated:
        return "cut off";
      case Residency::kUnmapped:
        break;
    }
    return "unmapped";
  }

  static Table mapping_table(Session& session) {
    Table table({{"Begin", "begin", ColumnKind::kAddress, 14},
                 {"End", "end", ColumnKind::kAddress, 14},
                 {"Size", "size_bytes", ColumnKind::kBytes, 11},
                 {"Access", "access"},
                 {"Bytes from", "residency"},
                 {"File", "file"}});
    const std::vector<MappedFile>& files = session.process().files;
    for (const Segment& segment : session.memory().segments()) {
      Cell file;
      for (const MappedFile& mapped : files) {
        if (mapped.range.overlaps(segment.range)) file = mapped.path;
      }
      table.add_row({segment.range.begin(), segment.range.end(), segment.range.size(),
                     fmt::format("{}{}{}", segment.readable ? 'r' : '-',
                                 segment.writable ? 'w' : '-', segment.executable ? 'x' : '-'),
                     residency_name(segment), std::move(file)});
    }
    return table;
  }

  static Json binary_json(const BinaryInfo& binary) {
    Json json = Json::object();
    json["path"] = json_text(binary.path);
    json["verdict"] = to_string(binary.verdict);
    json["reason"] = json_text(binary.reason);
    json["build_id"] = json_text(binary.build_id);
    json["core_build_id"] = json_text(binary.core_build_id);
    return json;
  }

  void write_answer(RunContext& context, const MappingSum& sum) const {
    const ProcessInfo& process = context.session->process();
    Json document = begin_json(context, "info");
    document["name"] = json_text(process.name);
    document["machine"] = to_string(process.machine);
    document["end"] = describe_end(process);
    const std::optional<EndReason> reason = context.session->end_reason();
    document["reason"] = reason ? Json(to_string(*reason)) : Json(nullptr);
    document["signal"] = process.signal ? Json(process.signal->name()) : Json(nullptr);
    document["command_line"] = json_text(process.command_line);
    document["arguments"] = process.arguments;
    document["core_size_bytes"] = process.core_size_bytes;
    document["core_missing_bytes"] = process.core_missing_bytes;
    document["executable"] = binary_json(process.executable);
    document["v8_library"] = process.v8_library ? binary_json(*process.v8_library) : Json(nullptr);
    Json& memory = document["memory"];
    memory["mappings"] = sum.mappings;
    memory["in_core_bytes"] = sum.in_core_bytes;
    memory["from_file_bytes"] = sum.from_file_bytes;
    memory["not_saved_bytes"] = sum.not_saved_bytes;
    memory["truncated_bytes"] = sum.truncated_bytes;
    document["threads"] = json_rows(thread_table(process));
    if (mappings_) document["mappings"] = json_rows(mapping_table(*context.session));
    context.output.write(write_json(document));
  }

  bool threads_ = false;
  bool mappings_ = false;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Prints what the core says about the process: its number, the signal that ended it and who sent that, why Node.js ended itself if it did (seen on the stack of the thread that died), its command line, the versions of Node.js and V8, whether the executable at hand is the one that ran (by build-id), its threads, and how much of its memory the core holds. Works for any core, also if the process was not Node.js.)";

constexpr std::string_view kExample = R"($ v8 info
Process       18271 (node), x86-64
Ended by      SIGABRT (abort), raised by the process itself
Reason        the program called process.abort()
Command line  /usr/local/bin/node --max-old-space-size=512 /srv/app/server.js
Node.js       22.23.3 (V8 12.4.254.21-node.57)
Core          core.18271, 141.4 MB, written by the kernel
Executable    /usr/local/bin/node (match: build-id a9b42ba41811e1291145304b7c278c5d3fbaca71)
Threads       12
Memory        252 mappings: 141.3 MB in the core, 102.0 MB read from the files on disk, 1.4 GB not saved)";

}  // namespace

const CommandSpec& info_command() {
  static const CommandSpec kSpec = {
      .name = "info",
      .group = CommandGroup::kTarget,
      .summary = "Show what ended the process and what the core holds of it",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Info>()); },
  };
  return kSpec;
}

}  // namespace corewalk
