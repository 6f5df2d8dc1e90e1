// source list: the source of a call or a function. llnode's command of that name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "commands/answer.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

constexpr uint32_t kUsualLines = 4;  // llnode's

/// What to list: a function, and the line at which it stands if it was called.
struct Subject {
  v8::TaggedWord function = 0;
  std::optional<uint32_t> current_line = {};
};

Subject subject_of(const StackFrame& frame) {
  Subject subject{.function = frame.function ? *frame.function : frame.shared.value_or(0)};
  if (frame.position.line != 0) subject.current_line = frame.position.line;
  return subject;
}

bool has_function(const StackFrame& frame) { return frame.function || frame.shared; }

Failure no_function(const std::string& what, RunContext& context) {
  return {ExitCode::kUsage,
          fmt::format("{}: '{}bt' shows the calls that have a source", what, context.host.caller)};
}

/// The frames of the thread that died, as `bt` counts them.
std::vector<StackFrame> frames_that_died(RunContext& context) {
  const auto& threads = context.session->process().threads;
  for (ThreadStack& stack : context.session->stacks(context.progress)) {
    if (!threads.empty() && stack.thread_id == threads.front().tid) return std::move(stack.frames);
  }
  return {};
}

/// The call that is selected in the host, else the innermost one that has a function.
Subject selected_subject(RunContext& context) {
  if (context.host.selected_frame) {
    const SelectedFrame selected = context.host.selected_frame();
    for (const ThreadStack& stack : context.session->stacks(context.progress)) {
      for (const StackFrame& frame : stack.frames) {
        if (frame.fp == selected.fp && has_function(frame)) return subject_of(frame);
      }
    }
    throw no_function("The selected frame is not one of JavaScript", context);
  }
  const std::vector<StackFrame> frames = frames_that_died(context);
  const auto found = std::find_if(frames.begin(), frames.end(), has_function);
  if (found == frames.end()) {
    throw no_function("The thread that died ran no JavaScript", context);
  }
  return subject_of(*found);
}

class SourceList final : public Command {
 public:
  void declare(OptionList& options) override {
    options.optional_address(function_, "address", "a function, or its SharedFunctionInfo");
    options.number(frame_, "-f,--frame", "N", "the function of call N, as 'bt' counts");
    options.number(line_, "-l,--line", "LINE", "begin at this line of the file");
    options.number(lines_, "-n,--lines,--limit", "N", "show N lines (default 4)");
    options.flag(whole_, "-F,--all", "show the whole function");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const Subject subject = find_subject(context);
    SourceQuery query{.function = subject.function};
    if (!whole_) query.count = narrow(lines_.value_or(kUsualLines));
    query.first_line = first_line(context.paging, subject);
    const auto listing = context.session->source(query, context.progress);
    if (!listing) {
      throw no_function(fmt::format("no source of a function at 0x{:x}", subject.function),
                        context);
    }
    warn_about_target(context);
    remember_page(context.paging, subject, *listing);
    if (format_.json) {
      write_answer(context, *listing, subject);
    } else {
      write_text(context, *listing, subject);
    }
    return ExitCode::kDone;
  }

 private:
  static uint32_t narrow(uint64_t number) {
    return static_cast<uint32_t>(std::min<uint64_t>(number, std::numeric_limits<uint32_t>::max()));
  }

  [[nodiscard]] Subject find_subject(RunContext& context) const {
    if (function_) return {.function = v8::tag(Address(context.host.evaluate(*function_)))};
    if (!frame_) return selected_subject(context);
    const std::vector<StackFrame> frames = frames_that_died(context);
    if (*frame_ >= frames.size() || !has_function(frames[*frame_])) {
      throw no_function(fmt::format("Frame {} is not one of JavaScript", *frame_), context);
    }
    return subject_of(frames[*frame_]);
  }

  /// What makes two command lines the same listing.
  [[nodiscard]] std::string question(const Subject& subject) const {
    return fmt::format("source list {:x} {} {} {}", subject.function, line_.value_or(0),
                       lines_.value_or(0), whole_);
  }

  [[nodiscard]] std::optional<uint32_t> first_line(const Paging& paging,
                                                   const Subject& subject) const {
    if (!whole_ && paging.question == question(subject) && paging.next != 0) {
      return narrow(paging.next);
    }
    return line_ ? std::optional(narrow(*line_)) : std::nullopt;
  }

  /// After the last line the first one comes again.
  void remember_page(Paging& paging, const Subject& subject, const SourceListing& listing) const {
    paging.question = question(subject);
    paging.next = listing.lines.empty() ? 0 : listing.first_line + listing.lines.size();
  }

  /// Lines as llnode prints them; with options that llnode lacks, the current line is marked.
  void write_text(RunContext& context, const SourceListing& listing, const Subject& subject) const {
    const bool marks = whole_ || lines_;
    std::string text;
    for (size_t i = 0; i < listing.lines.size(); ++i) {
      const uint64_t line = listing.first_line + i;
      const bool is_current = marks && subject.current_line == line;
      text += fmt::format("{}{} {}\n", is_current ? "=>" : "  ", line,
                          escape_for_terminal(listing.lines[i]));
    }
    context.output.write(text);
  }

  static void write_answer(RunContext& context, const SourceListing& listing,
                           const Subject& subject) {
    Json document = begin_json(context, "source");
    document["name"] = json_text(listing.function);
    document["function"] = fmt::format("0x{:x}", subject.function);
    document["file"] = json_text(listing.file);
    document["begin_line"] = listing.begin_line;
    document["end_line"] = listing.end_line;
    document["current_line"] = subject.current_line ? Json(*subject.current_line) : Json();
    document["lines"] = Json::array();
    for (size_t i = 0; i < listing.lines.size(); ++i) {
      Json line = Json::object();
      line["line"] = listing.first_line + i;
      line["text"] = listing.lines[i];
      document["lines"].push_back(std::move(line));
    }
    context.output.write(write_json(document));
  }

  std::optional<std::string> function_;
  std::optional<uint64_t> frame_;
  std::optional<uint64_t> line_;
  std::optional<uint64_t> lines_;
  bool whole_ = false;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Lists four lines of source from where a function begins; the same command again, or just ENTER in LLDB, lists the next ones. Without an address, the function is that of the frame that is selected in LLDB; in a shell, that of the innermost call of the thread that died, or of the one that --frame names.

With -n or -F, the line at which the call stands is marked.)";

constexpr std::string_view kExample = R"($ v8 source list 0x50fb0c39739
  31   write(values) {
  32     return values.map((value) => {
  33       if (value > this.limit) process.abort();
  34       return value;)";

constexpr std::array<std::string_view, 1> kAliases = {"jssource"};

}  // namespace

const CommandSpec& source_list_command() {
  static const CommandSpec kSpec = {
      .name = "source",
      .second_word = "list",
      .aliases = kAliases,
      .group = CommandGroup::kTarget,
      .summary = "List the source of a call or a function",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<SourceList>()); },
  };
  return kSpec;
}

}  // namespace corewalk
