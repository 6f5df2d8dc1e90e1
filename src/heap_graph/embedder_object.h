#pragma once

#include <cstdint>
#include <string>

#include "base/address.h"

namespace corewalk {

/// A C++ object of the embedder with a JavaScript object that stands for it: node::BaseObject.
struct EmbedderObject {
  Address wrapper;       ///< the JavaScript object, untagged
  Address native;        ///< the C++ object
  std::string name;      ///< "TCPWrap"
  bool is_root = false;  ///< it keeps its wrapper alive, which the embedder tells V8's snapshot
  uint64_t bytes = 0;    ///< about what it takes
};

}  // namespace corewalk
