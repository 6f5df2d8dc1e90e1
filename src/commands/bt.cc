// bt: the JavaScript calls that were running. llnode's command of this name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "commands/answer.h"
#include "commands/async_text.h"
#include "commands/common_options.h"
#include "commands/registry.h"
#include "commands/stack_text.h"
#include "report/escape.h"

namespace corewalk {
namespace {

/// "thread 4711, main" of a stack; "main" if no thread is in its isolate.
std::string heading(const ThreadStack& stack) {
  const std::string isolate =
      stack.isolate.value_or(0) == 0 ? "main" : fmt::format("worker {}", *stack.isolate);
  return stack.thread_id ? fmt::format("thread {}, {}", *stack.thread_id, isolate) : isolate;
}

class Backtrace final : public Command {
 public:
  void declare(OptionList& options) override {
    options.optional_argument(limit_, "N", "show the N innermost frames");
    options.number(limit_option_, "-n,--limit", "N", "the same, where CORE stands first");
    options.flag(all_, "-a,--all", "show the stacks of all threads, those of workers too");
    options.flag(
        async_, "--async",
        "instead: what waits for promises that are not settled, async functions above all");
    options.flag(variables_, "-v,--verbose",
                 "show the variables of each function's context; with --async, who holds what "
                 "would settle a "
                 "promise");
    format_.declare(options);
  }

  ExitCode run(RunContext& context) override {
    const size_t limit = parse_limit();
    if (async_) {
      AsyncOptions options{.settlers = variables_, .json = format_.json};
      if (limit_ || limit_option_) options.limit = limit;
      return show_async_chains(context, options);
    }
    warn_about_target(context);
    std::vector<ThreadStack> stacks = context.session->stacks(context.progress);
    if (!all_) keep_one(context, stacks);
    for (const ThreadStack& stack : stacks) {
      if (stack.problem.empty()) continue;
      context.output.warn(fmt::format("the stack of {} ends before its outermost frame: {}",
                                      heading(stack), stack.problem));
    }
    if (format_.json) {
      write_stacks_json(context, stacks, limit);
    } else {
      for (const ThreadStack& stack : stacks) write_stack(context, stack, limit);
    }
    const bool complete = std::all_of(stacks.begin(), stacks.end(),
                                      [](const ThreadStack& s) { return s.problem.empty(); });
    return complete ? ExitCode::kDone : ExitCode::kPartial;
  }

 private:
  [[nodiscard]] size_t parse_limit() const {
    if (!limit_) return limit_option_.value_or(std::numeric_limits<size_t>::max());
    size_t value = 0;
    const char* const end = limit_->data() + limit_->size();
    const auto [stop, error] = std::from_chars(limit_->data(), end, value);
    if (error != std::errc() || stop != end || value == 0) {
      throw Failure(ExitCode::kUsage, fmt::format("'{}' is not a number of frames: write 1 or more",
                                                  escape_for_terminal(*limit_)));
    }
    return value;
  }

  /// The stack of the thread that died. If that runs no JavaScript, says so.
  static void keep_one(RunContext& context, std::vector<ThreadStack>& stacks) {
    const auto& threads = context.session->process().threads;
    const auto found = std::find_if(stacks.begin(), stacks.end(), [&](const ThreadStack& s) {
      return !threads.empty() && s.thread_id == threads.front().tid;
    });
    if (found != stacks.end()) {
      stacks = {std::move(*found)};
      return;
    }
    const bool others = std::any_of(stacks.begin(), stacks.end(),
                                    [](const ThreadStack& s) { return !s.frames.empty(); });
    stacks.clear();
    context.output.warn(fmt::format("the thread that {} ran no JavaScript{}",
                                    context.session->process().signal ? "died" : "stopped",
                                    others ? "; other threads did: bt --all" : ""));
  }

  void write_stack(RunContext& context, const ThreadStack& stack, size_t limit) const {
    if (all_) {
      context.output.write(fmt::format("{}{}\n", heading(stack),
                                       stack.frames.empty() ? ": no JavaScript runs" : ":"));
    }
    for (size_t i = 0; i < std::min(limit, stack.frames.size()); ++i) {
      context.output.write(fmt::format("frame #{}: {}\n", i, frame_text(context, stack.frames[i])));
      if (variables_) context.output.write(frame_variables_text(context, stack.frames[i]));
    }
  }

  void write_stacks_json(RunContext& context, const std::vector<ThreadStack>& stacks,
                         size_t limit) const {
    Json document = begin_json(context, "bt");
    document["stacks"] = Json::array();
    for (const ThreadStack& stack : stacks) {
      Json json = Json::object();
      json["thread_id"] = stack.thread_id ? Json(*stack.thread_id) : Json();
      json["isolate"] = stack.isolate ? Json(*stack.isolate) : Json();
      json["complete"] = stack.problem.empty();
      json["total_frames"] = stack.frames.size();
      json["frames"] = Json::array();
      for (size_t i = 0; i < std::min(limit, stack.frames.size()); ++i) {
        json["frames"].push_back(frame_json(context, stack.frames[i], variables_));
      }
      document["stacks"].push_back(std::move(json));
    }
    context.output.write(write_json(document));
  }

  std::optional<std::string> limit_;
  std::optional<uint64_t> limit_option_;
  bool all_ = false;
  bool async_ = false;
  bool variables_ = false;
  FormatOptions format_;
};

constexpr std::string_view kDetails =
    R"(Shows the JavaScript calls that were running when the process died, the innermost first: function, receiver and arguments, where each call stands now, and where its function is written. Between them stand the frames of V8 itself: <exit> where JavaScript called C++, <entry> where C++ called JavaScript, <builtin>, <stub>, <constructor>, <internal>, <adaptor>, <wasm>.

Shows the thread that died; --all shows every thread, and says of an isolate if no JavaScript runs in it.

The position of a call is missing where V8 had not kept the table that tells it.

With --async, shows what is to go on once a promise is settled: each chain begins with a promise that nothing has settled yet, or with an async function that runs, then says who waits for it, who waits for that one, and so on, with the place of each await. Equal chains are counted; the addresses are those of one of them: of promises, of the generator objects of async functions, of handlers. The commonest comes last.)";

constexpr std::string_view kExample = R"($ v8 bt --limit 2
frame #0: <exit>
frame #1: handle(this=0x2f1b3c04a9a1:<Object: Server>, <Smi: 1>) at /srv/app.js:22:41 (function at /srv/app.js:20:9) fn=0x2f1b3c04aa09
$ v8 bt --async
5000 chains:
    promise 0x2f1b3c0517b1: not settled, and by no other promise
    async query at /srv/db.js:12:16 (function at /srv/db.js:10:21) 0x2f1b3c0517f9
    async handle at /srv/app.js:22:20 (function at /srv/app.js:20:22) 0x2f1b3c051879
5000 chains of 1 kind, 15000 pending promises)";

constexpr std::array<std::string_view, 1> kAliases = {"jsstack"};

}  // namespace

const CommandSpec& bt_command() {
  static const CommandSpec kSpec = {
      .name = "bt",
      .aliases = kAliases,
      .group = CommandGroup::kTarget,
      .summary = "Show the JavaScript calls that were running",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Backtrace>()); },
  };
  return kSpec;
}

}  // namespace corewalk
