#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// One object of a constructor, as `findjsinstances` lists it.
struct Instance {
  Address address;          ///< as users write it: tagged, the way V8 and llnode print it
  std::string description;  ///< "<Object: Session>", "<String: \"...\">", "<Array: length=6>"
  uint64_t shallow_bytes = 0;
  uint64_t external_bytes = 0;
};

/// A stretch of the list of all instances of one name, in order of address.
struct InstancePage {
  uint64_t total = 0;  ///< of all instances, not only those listed
  std::vector<Instance> instances;
};

}  // namespace corewalk
