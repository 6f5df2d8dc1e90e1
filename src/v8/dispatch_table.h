#pragma once

#include <cstdint>
#include <optional>

#include "v8/heap.h"

namespace corewalk::v8 {

/// The table that says which Code a function runs, where functions have a number of it instead of
/// the Code itself (JSDispatchTable, sandbox/js-dispatch-table.h, from V8 13.6 on): 16 bytes an
/// entry, the entry point and the address of the Code, shifted.
class DispatchTable {
 public:
  /// Looks among the pointers of the isolates for one that gives each of some functions a Code.
  /// Absent if functions have no such number in this version, or no pointer does.
  [[nodiscard]] static std::optional<DispatchTable> find(const Heap& heap);

  /// The tagged word of the Code of a function with this handle; 0 if it cannot be read.
  [[nodiscard]] TaggedWord code(uint32_t handle) const;

 private:
  DispatchTable(const AddressSpace& memory, Address base) : memory_(&memory), base_(base) {}

  const AddressSpace* memory_;
  Address base_;
};

}  // namespace corewalk::v8
