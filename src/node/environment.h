#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/progress.h"
#include "memory/symbol_source.h"
#include "v8/heap.h"

namespace corewalk {

/// Where node::Environment and the objects it lists keep what post-mortem tools look for: the
/// values of the binary's nodedbg_* symbols (src/node_postmortem_metadata.cc, Node 12 to 26). They
/// are exported, so that a stripped binary has them too.
struct EnvironmentOffsets {
  uint64_t embedder_index = 0;  ///< of the Environment among the embedder data of a context
  uint64_t persistent = 0;      ///< BaseObject: pointer to the cell of the JavaScript object
  uint64_t handle_queue = 0;    ///< Environment: head of the list of handles
  uint64_t handle_node = 0;     ///< HandleWrap: its node in that list
  uint64_t request_queue = 0;
  uint64_t request_node = 0;  ///< ReqWrap
  uint64_t next = 0;          ///< of a list's node
  uint64_t prev = 0;

  /// Absent if the binary has no such symbols or their values are not in the core.
  [[nodiscard]] static std::optional<EnvironmentOffsets> read(const SymbolSource& symbols,
                                                              const AddressSpace& memory);
};

/// Node's state of one thread that runs JavaScript.
struct Environment {
  v8::IsolateIndex isolate = 0;
  Address address;
};

/// The Environment of each isolate that has one, in order of isolates. It is found through the
/// embedder data of a native context, and taken for one if its list of handles is whole.
[[nodiscard]] std::vector<Environment> find_environments(const v8::Heap& heap,
                                                         const EnvironmentOffsets& offsets,
                                                         Progress& progress);

/// The nodes of a doubly linked list, from its head on, without the head.
struct NodeList {
  std::vector<Address> nodes;
  bool whole = false;  ///< it led back to its head
};
/// A node that cannot be read or whose neighbours do not agree ends the list.
[[nodiscard]] NodeList list_nodes(const AddressSpace& memory, const EnvironmentOffsets& offsets,
                                  Address head);
inline constexpr size_t kMaxListNodes = 1'000'000;
inline constexpr uint64_t kListNodeBytes = 16;

/// The uv_handle_t of a HandleWrap, and the address of the wrap's own state.
struct HandlePlace {
  Address handle;
  Address state;
};
/// Found by its pointer back to the wrap: the wrap's pointer to it stands behind the wrap's `node`
/// in the list, with the state before the node (in Node 16, and from 18 on) or between the two.
[[nodiscard]] std::optional<HandlePlace> find_uv_handle(const AddressSpace& memory, Address wrap,
                                                        Address node);

}  // namespace corewalk
