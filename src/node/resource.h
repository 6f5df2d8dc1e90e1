#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "node/callback.h"
#include "v8/heap.h"

namespace corewalk {

/// Something about a handle or a request: a file descriptor, an address, what is called when it is
/// done.
struct Fact {
  std::string name;
  std::variant<bool, int64_t, std::string, Callback> value;
};

/// What keeps an event loop busy: a handle (a socket, a child process) or a request (a write, a
/// file operation), as Node.js wraps it in a JavaScript object.
struct Resource {
  v8::IsolateIndex isolate = 0;
  Address object;             ///< tagged, as V8 prints it
  std::string type = {};      ///< of the object: "TCP", "FSReqCallback"
  std::string resource = {};  ///< what process.getActiveResourcesInfo() calls it; "" if it does not
  std::optional<Address> native = {};  ///< the uv_handle_t or uv_req_t; absent if it has none
  bool refd = true;                    ///< keeps the loop alive
  bool active = true;
  bool closing = false;
  std::vector<Fact> facts = {};

  void add(std::string name, decltype(Fact::value) value) {
    facts.push_back({std::move(name), std::move(value)});
  }
  /// The same for what may be absent.
  template <class T>
  void add_known(std::string name, const std::optional<T>& value) {
    if (value) facts.push_back({std::move(name), *value});
  }
};

/// All of one kind, thread by thread, each in the order in which Node.js lists them.
struct ResourceList {
  std::vector<Resource> items;
  std::vector<std::string> problems;  ///< what could not be read, in a sentence each
};

/// What process.getActiveResourcesInfo() calls an object of this JavaScript type: Node's name for
/// the C++ class behind it.
[[nodiscard]] std::string resource_name(std::string_view type, bool listening);

}  // namespace corewalk
