// What is known of a request: from libuv what it was told to do, from JavaScript whom it concerns
// and who is told when it is done.
#include <array>
#include <string>

#include "node/native_object.h"
#include "node/object_reader.h"
#include "node/resource_facts.h"

namespace corewalk {
namespace {

/// Under which names the functions that wait for a request are kept, Node 12 to 26; the program's
/// own before Node's.
constexpr std::array<std::string_view, 2> kCallbacks = {"callback", "oncomplete"};

void add_file_operation(const ResourceReader& reader, Address request, Resource& found) {
  const NativeObject fs(reader.memory(), reader.layout(), "uv_fs_t", request);
  const auto type = fs.number("fs_type");
  const std::string_view operation = type ? reader.layout().enum_name("uv_fs_type", *type) : "";
  if (!operation.empty()) found.add("operation", std::string(operation));
  found.add_known("path", fs.text("path"));
  if (operation == "rename" || operation == "link" || operation == "symlink" ||
      operation == "copyfile") {
    found.add_known("to", fs.text("new_path"));
  }
  const auto fd = fs.number("file");
  if (!fs.pointer("path") && fd) found.add("fd", *fd);
}

void add_lookup(const ResourceReader& reader, Address request, Resource& found) {
  const NativeObject lookup(reader.memory(), reader.layout(), "uv_getaddrinfo_t", request);
  found.add_known("host", lookup.text("hostname"));
  found.add_known("service", lookup.text("service"));
}

void add_connection(const ObjectReader& object, Resource& found) {
  found.add_known("address", object.text("address"));
  if (const auto port = object.number("port")) found.add("port", static_cast<int64_t>(*port));
  found.add_known("local_address", object.text("localAddress"));
  if (const auto port = object.number("localPort")) {
    found.add("local_port", static_cast<int64_t>(*port));
  }
}

}  // namespace

void add_request_facts(const ResourceReader& reader, Resource& found) {
  const ObjectReader object(reader.heap(), v8::untag(found.object.value()));
  if (found.native) {
    const NativeObject request(reader.memory(), reader.layout(), "uv_req_t", *found.native);
    switch (static_cast<UvRequestType>(request.number("type").value_or(0))) {
      case UvRequestType::kFs:
        add_file_operation(reader, *found.native, found);
        break;
      case UvRequestType::kGetAddrInfo:
        add_lookup(reader, *found.native, found);
        break;
      case UvRequestType::kConnect:
        add_connection(object, found);
        break;
      case UvRequestType::kWrite:
        if (const auto bytes = object.number("bytes")) {
          found.add("bytes", static_cast<int64_t>(*bytes));
        }
        break;
      default:
        break;
    }
  }
  for (const std::string_view name : kCallbacks) {
    const auto callback = reader.callback(object.value(name));
    if (!callback) continue;
    found.add("callback", *callback);
    break;
  }
}

}  // namespace corewalk
