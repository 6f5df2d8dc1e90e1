#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// Which Node.js and V8 the process ran; empty where it could not be told.
struct RuntimeVersions {
  std::string node;  ///< "22.23.3"
  std::string v8;    ///< "12.4.254.21-node.33"
};

/// What the `process` object of the main isolate says. A field that could not be read is empty, and
/// named in `unreadable`.
struct NodeInfo {
  uint64_t pid = 0;
  std::optional<Address> process_object;
  std::string platform;
  std::string arch;
  std::string version;                          ///< "v22.23.3"
  std::map<std::string, std::string> versions;  ///< process.versions
  std::map<std::string, std::string> release;   ///< process.release
  std::string exec_path;
  std::vector<std::string> argv;
  std::vector<std::string> exec_argv;
  std::vector<std::string> unreadable;  ///< "process.argv: damaged at 0x..."
};

}  // namespace corewalk
