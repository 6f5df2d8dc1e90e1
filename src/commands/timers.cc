// timers: what setTimeout, setInterval and setImmediate have put off, and when it is due.
#include <fmt/format.h>

#include <algorithm>

#include "commands/answer.h"
#include "commands/listing_options.h"
#include "commands/registry.h"
#include "commands/resource_text.h"
#include "commands/value_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

std::string_view to_string(TimerKind kind) {
  switch (kind) {
    case TimerKind::kTimeout:
      return "timeout";
    case TimerKind::kImmediate:
      return "immediate";
  }
  return "";
}

Json number_json(const std::optional<int64_t>& number) { return number ? Json(*number) : Json(); }

Json timer_json(const Timer& timer) {
  Json json = Json::object();
  json["isolate"] = timer.isolate;
  json["address"] = json_address(timer.object);
  json["type"] = json_text(timer.type);
  json["kind"] = to_string(timer.kind);
  json["callback"] = timer.callback ? callback_json(*timer.callback) : Json();
  json["delay_ms"] = number_json(timer.delay_ms);
  json["repeat_ms"] = number_json(timer.repeat_ms);
  json["due_in_ms"] = number_json(timer.due_in_ms);
  json["refd"] = timer.refd;
  json["running"] = timer.running;
  return json;
}

class Timers final : public Command {
 public:
  void declare(OptionList& options) override {
    options_.declare(options,
                     "only those whose callback's name or file matches this regular expression");
  }

  ExitCode run(RunContext& context) override {
    const auto isolate = options_.isolate.resolve(*context.session, context.progress);
    const NameFilter filter(options_.filter);
    std::vector<Timer> timers = context.session->timers(context.progress);
    std::erase_if(timers, [&](const Timer& timer) {
      const std::string callback = timer.callback ? callback_text(*timer.callback) : "";
      return (isolate && timer.isolate != *isolate) || !filter.passes(callback);
    });
    const Coverage coverage = context.session->spaces(isolate, context.progress).coverage;
    const ExitCode code = warn_about_answer(context, coverage, false);
    const size_t total = timers.size();
    const auto refd =
        std::count_if(timers.begin(), timers.end(), [](const Timer& timer) { return timer.refd; });
    options_.cut(timers);
    if (options_.format.json) {
      Json document = begin_json(context, "timers");
      document["coverage"] = coverage_json(coverage, false);
      document["total"] = total;
      document["rows"] = Json::array();
      for (const Timer& timer : timers) document["rows"].push_back(timer_json(timer));
      context.output.write(write_json(document));
    } else {
      write_text(context, timers, total, static_cast<size_t>(refd));
    }
    return code;
  }

 private:
  static std::string line(RunContext& context, const Timer& timer) {
    std::string text =
        value_line(context.session->inspect(timer.object.value(), {.depth = 0}, context.progress));
    const char* separator = " ";
    const auto add = [&](const std::string& fact) {
      text += separator + fact;
      separator = ", ";
    };
    if (timer.delay_ms) add(fmt::format("delay_ms={}", *timer.delay_ms));
    if (timer.repeat_ms) add("repeats");
    if (timer.due_in_ms) add(fmt::format("due_in_ms={}", *timer.due_in_ms));
    if (timer.running) add("running");
    if (!timer.refd) add("unref");
    if (timer.callback) add("callback=" + callback_text(*timer.callback));
    return text;
  }

  static void write_text(RunContext& context, const std::vector<Timer>& timers, size_t total,
                         size_t refd) {
    const std::string text =
        listing_lines(timers, [&](const Timer& timer) { return line(context, timer); });
    context.output.write(text + listing_end(timers.size(), total,
                                            fmt::format("{}, {} of them keep an event loop alive",
                                                        format_count(total, "timer"), refd)));
  }

  ListingOptions options_;
};

constexpr std::string_view kDetails =
    R"(Lists the timers of each thread that wait, the next one due first, then the immediates in the order in which they would have run. Timers of Node's own are among them, most of them 'unref'.

'due_in_ms' counts from the last time the event loop looked at its clock, which it does once a turn and whenever a timer is started; a thread that was busy for long died later than that. Negative: the timer was overdue. 'running': its callback had been called and had not returned.)";

constexpr std::string_view kExample = R"($ v8 timers --limit 3
0x153106bbadd9:<Object: Timeout> delay_ms=500, running, callback=onReport at /srv/app/server.js:44:31
0x153106bb97b1:<Object: Timeout> delay_ms=5000, due_in_ms=4502, unref, callback=Socket._onTimeout at node:net:591:39
0x153106baf899:<Object: Timeout> delay_ms=30000, repeats, due_in_ms=29482, unref, callback=checkConnections at node:_http_server:673:26
..........
(5005 timers, 5003 of them keep an event loop alive))";

}  // namespace

const CommandSpec& timers_command() {
  static const CommandSpec kSpec = {
      .name = "timers",
      .group = CommandGroup::kNode,
      .summary = "List the timers and immediates that wait, with callbacks and when they are due",
      .details = kDetails,
      .example = kExample,
      .create = [] { return std::unique_ptr<Command>(std::make_unique<Timers>()); },
  };
  return kSpec;
}

}  // namespace corewalk
