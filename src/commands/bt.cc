// bt: the calls that were running, of JavaScript and of compiled code. llnode's command of this
// name.
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

/// Stacks that are shown as one: those of idle threads are often alike.
using StackGroup = std::vector<const ThreadStack*>;

/// "thread 4711, main" of a stack, "threads 4712, 4713" of several; "main" if no thread is known to
/// run its isolate.
std::string heading(const StackGroup& group) {
  const ThreadStack& first = *group.front();
  std::string text;
  for (const ThreadStack* stack : group) {
    if (stack->thread_id) text += fmt::format("{}{}", text.empty() ? "" : ", ", *stack->thread_id);
  }
  if (!text.empty()) text = (group.size() == 1 ? "thread " : "threads ") + text;
  if (!first.isolate) return text;
  const std::string isolate =
      *first.isolate == 0 ? "main" : fmt::format("worker {}", *first.isolate);
  return text.empty() ? isolate : fmt::format("{}, {}", text, isolate);
}

bool is_native(const StackFrame& frame) { return frame.kind == FrameKind::kNative; }

bool runs_javascript(const ThreadStack& stack) {
  return !std::all_of(stack.frames.begin(), stack.frames.end(), is_native);
}

/// True if two threads stand at the same places of compiled code.
bool are_alike(const ThreadStack& a, const ThreadStack& b) {
  if (a.isolate || b.isolate || !a.thread_id || !b.thread_id) return false;
  return std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(), b.frames.end(),
                    [](const StackFrame& x, const StackFrame& y) {
                      return is_native(x) && is_native(y) && x.pc == y.pc;
                    });
}

std::vector<StackGroup> group_alike(const std::vector<ThreadStack>& stacks) {
  std::vector<StackGroup> groups;
  for (const ThreadStack& stack : stacks) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const StackGroup& group) {
      return are_alike(*group.front(), stack);
    });
    if (same == groups.end()) {
      groups.push_back({&stack});
    } else {
      same->push_back(&stack);
    }
  }
  return groups;
}

bool is_complete(const ThreadStack& stack) {
  return stack.problem.empty() &&
         std::all_of(stack.frames.begin(), stack.frames.end(),
                     [](const StackFrame& frame) { return frame.gap.empty(); });
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
                 "show the variables of each function's context, and its registers; with --async, "
                 "who holds what would settle a promise");
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
    const std::vector<StackGroup> groups = group_alike(stacks);
    for (const StackGroup& group : groups) warn_about_stack(context, group);
    if (format_.json) {
      write_stacks_json(context, stacks, limit);
    } else {
      for (const StackGroup& group : groups) write_group(context, group, limit);
    }
    const bool complete = std::all_of(stacks.begin(), stacks.end(), is_complete);
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
    const bool others = std::any_of(stacks.begin(), stacks.end(), runs_javascript);
    const auto& threads = context.session->process().threads;
    const auto found = std::find_if(stacks.begin(), stacks.end(), [&](const ThreadStack& s) {
      return !threads.empty() && s.thread_id == threads.front().tid;
    });
    if (found == stacks.end()) {
      stacks.clear();
    } else {
      stacks = {std::move(*found)};
      if (runs_javascript(stacks.front())) return;
    }
    // Of a stack that is cut off, only what is there can be told.
    const bool is_known = !stacks.empty() && is_complete(stacks.front());
    context.output.warn(fmt::format("the thread that {} {} no JavaScript{}",
                                    context.session->process().signal ? "died" : "stopped",
                                    is_known ? "ran" : "shows",
                                    others ? "; other threads did: bt --all" : ""));
  }

  static void warn_about_stack(RunContext& context, const StackGroup& group) {
    const ThreadStack& stack = *group.front();
    for (const StackFrame& frame : stack.frames) {
      if (frame.gap.empty()) continue;
      context.output.warn(
          fmt::format("calls are missing in the stack of {}: {}", heading(group), frame.gap));
    }
    if (stack.problem.empty()) return;
    context.output.warn(
        fmt::format("the stack of {} is not complete: {}", heading(group), stack.problem));
  }

  void write_group(RunContext& context, const StackGroup& group, size_t limit) const {
    const ThreadStack& stack = *group.front();
    if (all_) {
      const std::string_view empty =
          stack.thread_id ? " a thread of the kernel's own" : " no JavaScript runs";
      context.output.write(
          fmt::format("{}:{}\n", heading(group), stack.frames.empty() ? empty : ""));
    }
    for (size_t i = 0; i < std::min(limit, stack.frames.size()); ++i) {
      const StackFrame& frame = stack.frames[i];
      if (!frame.gap.empty()) context.output.write("    (calls are missing here)\n");
      const std::string pc = frame.pc ? fmt::format("0x{:016x} ", frame.pc->value()) : "";
      context.output.write(fmt::format("frame #{}: {}{}\n", i, pc, frame_text(context, frame)));
      if (variables_) context.output.write(frame_variables_text(context, frame));
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
      json["complete"] = is_complete(stack);
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
    R"(Shows the calls that were running when the process died, the innermost first. Of a JavaScript call: function, receiver and arguments, where it stands now, and where its function is written. Of compiled code: its file, its function and how far it stands in that. Between them stand the frames of V8 itself: <exit> where JavaScript called C++, <entry> where C++ called JavaScript, <builtin>, <stub>, <constructor>, <internal>, <adaptor>, <wasm>, <regexp>.

Shows the thread that died; --all shows every thread, those at the same place as one, and says of an isolate if no JavaScript runs in it.

Compiled code needs the files of the process: a library is looked for where the process had it and in --search-path, and used if its build-id is right. Without it the stack shows where calls are missing.

Calls that the optimising compilers made part of another function stand as calls of their own, marked (inlined). Such code keeps some arguments in registers only, or not at all: these are <optimized out>.

With -v, a function's variables that closures share are shown by name; all others live in registers of the bytecode, r0 and on, whose names V8 does not keep. A register that the function is done with may still show its last value.

The position of a call is missing where V8 had not kept the table that tells it.

With --async, shows what is to go on once a promise is settled: each chain begins with a promise that nothing has settled yet, or with an async function that runs, then says who waits for it, who waits for that one, and so on, with the place of each await. Equal chains are counted; the addresses are those of one of them: of promises, of the generator objects of async functions, of handlers. The commonest comes last.)";

constexpr std::string_view kExample = R"($ v8 bt --limit 9
frame #0: 0x00007f68338a8eec libc.so.6`__pthread_kill_implementation + 268
frame #1: 0x00007f6833859fb2 libc.so.6`gsignal + 18
frame #2: 0x00007f6833844472 libc.so.6`abort + 211
frame #3: 0x000000000105242d node`node::Abort(v8::FunctionCallbackInfo<v8::Value> const&) + 45
frame #4: 0x0000000001d615e2 <exit> Builtins_CallApiCallbackGeneric
frame #5: 0x0000000001d5f8de (anonymous)(this=0x6f2e7300069:<undefined>, <Smi: 3>, <Smi: 2>, 0x18a078986ce1:<Array: length=3>) at /srv/app/server.js:33:39 (function at /srv/app/server.js:32:23) fn=0x18a078986d41
frame #6: 0x0000000001e33a8a map(this=0x18a078986ce1:<Array: length=3>, 0x18a078986d41:<function: (anonymous) at /srv/app/server.js:32:23>) <builtin> fn=0x29f5abbfbc09
frame #7: 0x0000000001d5f8de write(this=0x18a078986c51:<Object: Report>, 0x18a078986ce1:<Array: length=3>) at /srv/app/server.js:32:19 (function at /srv/app/server.js:31:8) fn=0x50fb0c39739
frame #8: 0x0000000001d5f8de onReport(this=0x153106bbadd9:<Object: Timeout>) at /srv/app/server.js:45:19 (function at /srv/app/server.js:44:31) fn=0x153106bbad79
$ v8 bt --async
1 chain:
    promise 0x18a0789860f9: not settled, and by no other promise
    async query at /srv/app/lib/db.js:4:22 (function at /srv/app/lib/db.js:3:21) 0x18a0789860a1
    async handle at /srv/app/server.js:16:10 (function at /srv/app/server.js:15:22) 0x18a078985f81
    async onRequest at /srv/app/server.js:11:16 (function at /srv/app/server.js:8:58) 0x18a078985c11
5000 chains:
    promise 0x5e33de61a1: not settled, and by no other promise
    async query at /srv/app/lib/db.js:4:22 (function at /srv/app/lib/db.js:3:21) 0x5e33dec489
    async handle at /srv/app/server.js:16:10 (function at /srv/app/server.js:15:22) 0x5e33df7721
5001 chains of 2 kinds, 15004 pending promises)";

constexpr std::array<std::string_view, 1> kAliases = {"jsstack"};

}  // namespace

const CommandSpec& bt_command() {
  static const CommandSpec kSpec = {
      .name = "bt",
      .aliases = kAliases,
      .group = CommandGroup::kTarget,
      .summary = "Show the calls that were running, in JavaScript and in C++",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Backtrace>()); },
  };
  return kSpec;
}

}  // namespace corewalk
