// What is known of a handle: from libuv the descriptor, the process, the signal; from JavaScript
// the addresses, if the program ever asked for them, and who is told of events. What only the
// kernel knew is not in a core.
#include <algorithm>
#include <array>
#include <string>

#include "memory/process_info.h"
#include "node/native_object.h"
#include "node/object_reader.h"
#include "node/resource_facts.h"
#include "v8/elements.h"

namespace corewalk {
namespace {

using v8::TaggedWord;

constexpr uint64_t kMaxArguments = 64;
constexpr uint64_t kMaxTextUnits = 1024;

/// The events whose first listener tells what a handle is for, the most telling first.
constexpr std::array<std::string_view, 6> kEvents = {"request", "connection", "message",
                                                     "change",  "data",       "exit"};

/// The object of the program's that a handle belongs to, such as a Socket; else itself.
Address owner_of(const v8::Heap& heap, Address handle) {
  const ObjectReader reader(heap, handle);
  auto word = reader.symbol("owner_symbol");
  if (!word) word = reader.symbol("owner");  // its name in Node 13
  const auto owner = word ? object_of(heap, *word) : std::nullopt;
  return owner ? *owner : handle;
}

std::string host_and_port(const std::string& host, int64_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

/// What socket.remoteAddress and server.address() leave behind: {address, port}.
std::optional<std::string> kept_address(const v8::Heap& heap, const ObjectReader& owner,
                                        std::string_view name) {
  const auto word = owner.value(name);
  const auto object = word ? object_of(heap, *word) : std::nullopt;
  if (!object) return {};
  const ObjectReader reader(heap, *object);
  const auto host = reader.text("address");
  const auto port = reader.number("port");
  if (!host || !port) return {};
  return host_and_port(*host, static_cast<int64_t>(*port));
}

/// What a server was told to listen on: "4:127.0.0.1:8080". Port 0 left the choice to the kernel.
std::optional<std::string> asked_address(const ObjectReader& owner) {
  const auto key = owner.text("_connectionKey");
  if (!key) return {};
  const size_t begin = key->find(':');
  const size_t end = key->rfind(':');
  if (begin == std::string::npos || end <= begin) return {};
  const std::string host = key->substr(begin + 1, end - begin - 1);
  const std::string port = key->substr(end + 1);
  if (host.empty()) return {};
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + (port == "0" ? "unknown" : port);
}

void add_stream_facts(const NativeObject& stream, Resource& found) {
  const auto fd = stream.number("fd");
  if (fd && *fd >= 0) found.add("fd", *fd);
  const bool listening = stream.pointer("connection_cb").has_value();
  found.add("listening", listening);
  if (stream.pointer("connect_req")) found.add("connecting", true);
  const auto queued = stream.number("write_queue_size");
  if (queued && *queued > 0) found.add("write_queue_bytes", *queued);
  found.resource = resource_name(found.type, listening);
}

/// What an HTTP connection was about: "GET example.com/path" of a client, "GET /path" of a server.
/// The query is left out, for it often holds secrets.
std::optional<std::string> http_exchange(const v8::Heap& heap, const ObjectReader& owner) {
  const auto word = owner.value("_httpMessage");
  const auto message = word ? object_of(heap, *word) : std::nullopt;
  if (!message) return {};
  const ObjectReader client(heap, *message);
  const auto incoming = client.object("req");
  const ObjectReader server(heap, incoming.value_or(*message));
  const auto method = incoming ? server.text("method") : client.text("method");
  auto path = incoming ? server.text("url") : client.text("path");
  if (!method || !path) return {};
  path->resize(std::min(path->find('?'), path->size()));
  const std::string host = incoming ? "" : client.text("host").value_or("");
  return *method + " " + host + *path;
}

void add_addresses(const v8::Heap& heap, const ObjectReader& owner, Resource& found) {
  auto local = kept_address(heap, owner, "_sockname");
  if (!local) local = asked_address(owner);
  found.add("local", local.value_or("unknown"));
  found.add("peer", kept_address(heap, owner, "_peername").value_or("unknown"));
  found.add_known("http", http_exchange(heap, owner));
}

std::string joined_texts(const v8::Heap& heap, Address array) {
  const v8::StringReader strings(heap);
  const v8::ElementReader elements(heap);
  const auto view = v8::ObjectView::load(heap, array);
  std::string text;
  uint64_t count = 0;
  if (!view) return text;
  elements.for_each(*view, [&](const v8::Element& element) {
    const auto word = strings.read_word(element.value, kMaxTextUnits);
    text += (text.empty() ? "" : " ") + word.value_or("?");
    return ++count < kMaxArguments;
  });
  return text;
}

void add_child(const v8::Heap& heap, const NativeObject& process, const ObjectReader& owner,
               Resource& found) {
  found.add_known("pid", process.number("pid"));
  found.add_known("file", owner.text("spawnfile"));
  if (const auto list = owner.object("spawnargs")) found.add("args", joined_texts(heap, *list));
}

/// The function, or the first of the functions, that an emitter calls for an event.
std::optional<TaggedWord> listener(const v8::Heap& heap, const ObjectReader& emitter,
                                   std::string_view event) {
  const auto events = emitter.object("_events");
  const auto word = events ? ObjectReader(heap, *events).value(event) : std::nullopt;
  if (!word || v8::is_smi(*word)) return {};
  const auto view = v8::ObjectView::at(heap, *word);
  if (!view || view->tag() != v8::TypeTag::kJSArray) return word;
  std::optional<TaggedWord> first;
  v8::ElementReader(heap).for_each(*view, [&](const v8::Element& element) {
    first = element.value;
    return false;
  });
  return first;
}

void add_signal(const ResourceReader& reader, const NativeObject& signal,
                std::optional<Address> process_object, Resource& found) {
  const auto number = signal.number("signum");
  if (!number) return;
  found.add("signal", *number);
  SignalInfo about;
  about.number = static_cast<int>(*number);
  const std::string name(about.name());
  found.add("name", name);
  if (!process_object) return;
  const ObjectReader process(reader.heap(), v8::untag(process_object->value()));
  found.add_known("callback", reader.callback(listener(reader.heap(), process, name)));
}

void add_listener(const ResourceReader& reader, const ObjectReader& owner, Resource& found) {
  for (const std::string_view event : kEvents) {
    const auto callback = reader.callback(listener(reader.heap(), owner, event));
    if (!callback) continue;
    found.add("event", std::string(event));
    found.add("callback", *callback);
    return;
  }
}

}  // namespace

void add_handle_facts(const ResourceReader& reader, std::optional<Address> process_object,
                      Resource& found) {
  const v8::Heap& heap = reader.heap();
  const auto native = [&](std::string_view name) {
    return NativeObject(reader.memory(), reader.layout(), name, *found.native);
  };
  const Address object = v8::untag(found.object.value());
  const Address owner_object = owner_of(heap, object);
  const ObjectReader owner(heap, owner_object);
  found.resource = resource_name(found.type, false);
  switch (static_cast<UvHandleType>(native("uv_handle_t").number("type").value_or(0))) {
    case UvHandleType::kTcp:
      add_stream_facts(native("uv_stream_t"), found);
      add_addresses(heap, owner, found);
      break;
    case UvHandleType::kNamedPipe:
      add_stream_facts(native("uv_pipe_t"), found);
      found.add_known("path", native("uv_pipe_t").text("pipe_fname"));
      break;
    case UvHandleType::kTty:
      add_stream_facts(native("uv_stream_t"), found);
      break;
    case UvHandleType::kUdp:
      found.add_known("fd", native("uv_udp_t").number("fd"));
      found.add("local", std::string("unknown"));
      break;
    case UvHandleType::kProcess:
      add_child(heap, native("uv_process_t"), owner, found);
      break;
    case UvHandleType::kFsEvent:
      found.add_known("path", native("uv_fs_event_t").text("path"));
      break;
    case UvHandleType::kFsPoll:
      if (const auto context = native("uv_fs_poll_t").pointer("poll_ctx")) {
        const NativeObject poll(reader.memory(), reader.layout(), "uv_fs_poll_ctx", *context);
        found.add_known("path", poll.text_at("path"));
        found.add_known("interval_ms", poll.number("interval"));
      }
      break;
    case UvHandleType::kSignal:
      add_signal(reader, native("uv_signal_t"), process_object, found);
      break;
    default:
      break;
  }
  if (owner_object != object) found.add("owner", reader.type_of(owner_object));
  add_listener(reader, owner, found);
}

}  // namespace corewalk
