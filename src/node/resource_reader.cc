#include "node/resource_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "node/native_object.h"
#include "node/object_reader.h"
#include "node/resource_facts.h"
#include "v8/properties.h"

namespace corewalk {
namespace {

using v8::TaggedWord;

struct ResourceNames {
  std::string_view type;
  std::string_view resource;
};
// MemoryInfoName() of the C++ classes (src/*_wrap.h, 17.3 to 26) whose JavaScript objects have
// another name.
constexpr std::array kNames = std::to_array<ResourceNames>({
    {"TCP", "TCPSocketWrap"},
    {"Pipe", "PipeWrap"},
    {"TTY", "TTYWrap"},
    {"UDP", "UDPWrap"},
    {"Process", "ProcessWrap"},
    {"FSEvent", "FSEventWrap"},
    {"Signal", "SignalWrap"},
    {"TCPConnectWrap", "ConnectWrap"},
    {"PipeConnectWrap", "ConnectWrap"},
    {"WriteWrap", "SimpleWriteWrap"},
    {"ShutdownWrap", "SimpleShutdownWrap"},
});

}  // namespace

std::string resource_name(std::string_view type, bool listening) {
  if (type == "TCP" && listening) return "TCPServerWrap";
  for (const ResourceNames& names : kNames) {
    if (names.type == type) return std::string(names.resource);
  }
  return std::string(type);
}

std::optional<Callback> ResourceReader::callback(std::optional<TaggedWord> word) const {
  return word ? read_callback(heap_, *word, sources_) : std::nullopt;
}

std::string ResourceReader::type_of(Address object) const {
  const auto map = v8::MapView::of_object(heap_, object);
  return map ? names_.name(object, *map).text : std::string();
}

// v8::Persistent is the address of a cell that holds the object.
std::optional<Address> ResourceReader::object_of_wrap(Address wrap) const {
  const auto cell = memory().read<uint64_t>(wrap + offsets_.persistent, "persistent handle");
  if (!cell || *cell == 0) return {};
  const auto word = memory().read<uint64_t>(Address(*cell), "object of a handle");
  return word ? object_of(heap_, *word) : std::nullopt;
}

std::optional<Resource> ResourceReader::handle(Address node, const Environment& environment,
                                               std::optional<Address> process_object) const {
  constexpr int32_t kClosed = 2;  // HandleWrap::State
  const Address wrap = node - offsets_.handle_node;
  const auto object = object_of_wrap(wrap);
  if (!object) return {};
  Resource found{.isolate = environment.isolate, .object = Address(v8::tag(*object))};
  found.type = type_of(*object);
  const auto place = find_uv_handle(memory(), wrap, node);
  if (!place) return found;
  const auto state = memory().read<int32_t>(place->state, "state of a handle");
  const NativeObject uv(memory(), layout(), "uv_handle_t", place->handle);
  const int64_t flags = uv.number("flags").value_or(0);
  found.native = place->handle;
  found.refd = (flags & kUvRef) != 0 && state.value_or(kClosed) != kClosed;
  found.active = (flags & kUvActive) != 0;
  found.closing = (flags & kUvClosing) != 0;
  add_handle_facts(*this, process_object, found);
  return found;
}

std::vector<Address> ResourceReader::nodes_of(Address head, std::string_view what,
                                              ResourceList& list) const {
  NodeList found = list_nodes(memory(), offsets_, head);
  if (!found.whole) {
    list.problems.push_back(
        fmt::format("Node's list of {} is damaged or not in the core: {} of "
                    "it could be read",
                    what, found.nodes.size()));
  }
  return std::move(found.nodes);
}

ResourceList ResourceReader::empty_list(std::span<const Environment> environments) const {
  ResourceList list;
  for (const v8::Isolate& isolate : heap_.isolates()) {
    const bool known = std::any_of(
        environments.begin(), environments.end(),
        [&](const Environment& environment) { return environment.isolate == isolate.index; });
    if (known) continue;
    list.problems.push_back(
        fmt::format("isolate {}: its node::Environment was not found, so nothing of it is listed",
                    isolate.index));
  }
  return list;
}

ResourceList ResourceReader::handles(std::span<const Environment> environments,
                                     std::optional<Address> process_object) const {
  ResourceList list = empty_list(environments);
  for (const Environment& environment : environments) {
    const Address head = environment.address + offsets_.handle_queue;
    const bool is_main = environment.isolate == 0;
    for (const Address node : nodes_of(head, "handles", list)) {
      auto found = handle(node, environment, is_main ? process_object : std::nullopt);
      if (!found) continue;
      if (!found->native) {
        list.problems.push_back(
            fmt::format("the libuv handle of 0x{:x} was not found", found->object.value()));
      }
      list.items.push_back(std::move(*found));
    }
  }
  return list;
}

// class Worker of lib/internal/worker.js: kHandle is null after the thread's end, till which it
// knows the thread's number.
void ResourceReader::add_workers(std::span<const Address> workers, ResourceList& list) const {
  constexpr std::array<std::string_view, 2> kPorts = {"kPort", "kPublicPort"};
  constexpr int64_t kNoThread = -1;
  const size_t handles = list.items.size();
  for (const Address worker : workers) {
    const ObjectReader reader(heap_, worker);
    const auto handle_word = reader.symbol("kHandle");
    if (!handle_word) continue;  // another class of that name
    const auto handle = object_of(heap_, *handle_word);
    const bool runs = handle.has_value();
    int64_t thread = kNoThread;
    if (runs) {
      const auto number = ObjectReader(heap_, *handle).number("threadId");
      if (number) thread = static_cast<int64_t>(*number);
    }
    const v8::HeapPage* page = heap_.page_of(worker);
    Resource found{.object = Address(v8::tag(worker)), .type = "Worker"};
    if (page != nullptr) found.isolate = page->isolate;
    found.active = runs;
    found.refd = runs;
    if (thread != kNoThread) found.add("thread_id", thread);
    found.add("state", std::string(runs ? "running" : "exited"));
    list.items.push_back(std::move(found));
    for (const std::string_view name : kPorts) {
      const auto port = reader.symbol(name);
      for (size_t i = 0; port && thread != kNoThread && i < handles; ++i) {
        if (list.items[i].object != Address(*port)) continue;
        list.items[i].add("thread_id", thread);
      }
    }
  }
}

std::optional<Resource> ResourceReader::request(Address node,
                                                const Environment& environment) const {
  const Address wrap = node - offsets_.request_node;
  const auto object = object_of_wrap(wrap);
  if (!object) return {};
  Resource found{.isolate = environment.isolate, .object = Address(v8::tag(*object))};
  found.type = type_of(*object);
  found.resource = resource_name(found.type, false);
  // class ReqWrap (src/req_wrap.h): the node, the callback to be called, then the uv_req_t, which
  // knows the way back once it is given to libuv.
  const Address request = node + kListNodeBytes + v8::kWordBytes;
  const auto data = memory().read<uint64_t>(request, "uv_req_t.data");
  if (data && *data == wrap.value()) found.native = request;
  add_request_facts(*this, found);
  return found;
}

ResourceList ResourceReader::requests(std::span<const Environment> environments) const {
  ResourceList list = empty_list(environments);
  for (const Environment& environment : environments) {
    const Address head = environment.address + offsets_.request_queue;
    for (const Address node : nodes_of(head, "requests", list)) {
      if (auto found = request(node, environment)) list.items.push_back(std::move(*found));
    }
  }
  return list;
}

}  // namespace corewalk
