// getactivehandles, getactiverequests: what keeps the event loops busy, as Node.js lists it.
// llnode's commands of those names.
#include <fmt/format.h>

#include <algorithm>

#include "commands/answer.h"
#include "commands/listing_options.h"
#include "commands/registry.h"
#include "commands/resource_text.h"
#include "report/escape.h"
#include "report/units.h"

namespace corewalk {
namespace {

/// The two commands differ in the list alone.
class GetActive final : public Command {
 public:
  enum class Kind : uint8_t { kHandles, kRequests };

  explicit GetActive(Kind kind) : kind_(kind) {}

  void declare(OptionList& options) override {
    options_.declare(options, "only those whose type matches this regular expression");
  }

  ExitCode run(RunContext& context) override {
    const auto isolate = options_.isolate.resolve(*context.session, context.progress);
    const NameFilter filter(options_.filter);
    ResourceList list = kind_ == Kind::kHandles ? context.session->handles(context.progress)
                                                : context.session->requests(context.progress);
    std::erase_if(list.items, [&](const Resource& item) {
      return (isolate && item.isolate != *isolate) || !filter.passes(item.type);
    });
    warn_about_target(context);
    for (const std::string& problem : list.problems) context.output.warn(problem);
    const size_t total = list.items.size();
    const auto refd = std::count_if(list.items.begin(), list.items.end(),
                                    [](const Resource& item) { return item.refd; });
    options_.cut(list.items);
    if (options_.format.json) {
      write_answer(context, list, total);
    } else {
      write_text(context, list, total, static_cast<size_t>(refd));
    }
    // What is cut off may have held a whole thread.
    const bool whole = list.problems.empty() && !context.session->process().core_truncated;
    return whole ? ExitCode::kDone : ExitCode::kPartial;
  }

 private:
  void write_text(RunContext& context, const ResourceList& list, size_t total, size_t refd) const {
    const std::string text = listing_lines(
        list.items, [&](const Resource& item) { return resource_line(context, item); });
    const std::string summary = kind_ == Kind::kHandles
                                    ? fmt::format("{}, {} of them keep an event loop alive",
                                                  format_count(total, "handle"), refd)
                                    : format_count(total, "request");
    context.output.write(text + listing_end(list.items.size(), total, summary));
  }

  void write_answer(RunContext& context, const ResourceList& list, size_t total) const {
    Json document =
        begin_json(context, kind_ == Kind::kHandles ? "getactivehandles" : "getactiverequests");
    document["total"] = total;
    document["rows"] = Json::array();
    for (const Resource& item : list.items) document["rows"].push_back(resource_json(item));
    document["unreadable"] = list.problems;
    context.output.write(write_json(document));
  }

  Kind kind_;
  ListingOptions options_;
};

constexpr std::string_view kHandleDetails =
    R"(Lists the handles of each thread in the order of process._getActiveHandles(): sockets, servers, pipes, child processes, file watchers, signals, message ports; those that do not keep the event loop alive ('unref') too. Each comes with what libuv and the program's own objects say of it: the file descriptor, the process, the path, who is told of events.

Local and peer addresses are shown where the program ever asked for them (socket.remoteAddress, server.address()); otherwise only the kernel knew them, which a core does not hold, and they are 'unknown'. The same holds for the state of a connection: 'connecting' means that it was not made yet.

Threads of worker_threads are listed last, though they are on no list of Node's. Timers are no handles: 'timers' lists them.)";

constexpr std::string_view kHandleExample = R"($ v8 getactivehandles --filter TCP
0x153106baee69:<Object: TCP> fd=27, listening, local=127.0.0.1:8080, peer=unknown, owner=Server, event=request, callback=onRequest at /srv/app/server.js:8:58
0x153106bb9af9:<Object: TCP> fd=28, local=unknown, peer=unknown, http=GET 127.0.0.1/orders, owner=Socket, event=data, callback=socketOnData at node:_http_client:608:22
0x153106bbd401:<Object: TCP> fd=29, local=unknown, peer=unknown, http=GET /orders, owner=Socket, event=data, callback=socketOnData at node:_http_server:861:22
(3 handles, 3 of them keep an event loop alive))";

constexpr std::string_view kRequestDetails =
    R"(Lists the requests of each thread that were not answered yet, in the order of process._getActiveRequests(): file operations, connections being made, writes, look-ups of names. Each comes with what it was told to do and who waits for it. Work of zlib and crypto is on no list of Node's.)";

constexpr std::string_view kRequestExample = R"($ v8 getactiverequests
0x153106bbacb1:<Object: FSReqCallback> operation=open, path=/srv/app/report.pipe, callback=onOpen at /srv/app/server.js:41:55
(1 request))";

}  // namespace

const CommandSpec& getactivehandles_command() {
  static const CommandSpec kSpec = {
      .name = "getactivehandles",
      .group = CommandGroup::kNode,
      .summary = "List the open handles: sockets, pipes, child processes, watchers",
      .details = kHandleDetails,
      .example = kHandleExample,
      .create =
          [] {
            return std::unique_ptr<Command>(std::make_unique<GetActive>(GetActive::Kind::kHandles));
          },
  };
  return kSpec;
}

const CommandSpec& getactiverequests_command() {
  static const CommandSpec kSpec = {
      .name = "getactiverequests",
      .group = CommandGroup::kNode,
      .summary = "List the requests in flight: file operations, connections, writes, look-ups",
      .details = kRequestDetails,
      .example = kRequestExample,
      .create =
          [] {
            return std::unique_ptr<Command>(
                std::make_unique<GetActive>(GetActive::Kind::kRequests));
          },
  };
  return kSpec;
}

}  // namespace corewalk
