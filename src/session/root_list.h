#pragma once

#include <optional>
#include <string>
#include <vector>

#include "heap_graph/embedder_object.h"
#include "memory/symbol_source.h"
#include "node/environment.h"
#include "stack/frame.h"
#include "v8/gc_roots.h"

namespace corewalk {

/// A root, with the words people know it by.
struct NamedRoot {
  v8::GcRoot root;
  std::string type = {};    ///< V8's name of the object's instance type: "NATIVE_CONTEXT"
  uint64_t size_bytes = 0;  ///< of the object
  std::string edge = {};    ///< the edge's name in V8's heap snapshot
  std::string owner = {};   ///< "TCPWrap", "thread 4711, frame #3 handler"; "" if it is not known
};

/// Says who the owners of roots are. Keeps references to all it was made of.
class RootOwners {
 public:
  RootOwners(const v8::Heap& heap, const SymbolSource& symbols,
             const std::vector<ThreadStack>& stacks, std::optional<EnvironmentOffsets> offsets)
      : heap_(heap), symbols_(symbols), stacks_(stacks), offsets_(offsets) {}

  [[nodiscard]] std::string owner(const v8::GcRoot& root) const;
  /// The node::BaseObject that keeps its JavaScript object by this handle; absent if it is none.
  [[nodiscard]] std::optional<EmbedderObject> embedder_object(const v8::GcRoot& root) const;

 private:
  [[nodiscard]] std::string frame_of(const v8::GcRoot& root) const;
  [[nodiscard]] uint64_t allocated_bytes(Address native) const;
  [[nodiscard]] std::string class_at(Address object) const;

  const v8::Heap& heap_;
  const SymbolSource& symbols_;
  const std::vector<ThreadStack>& stacks_;
  std::optional<EnvironmentOffsets> offsets_;
};

/// The node::BaseObjects that the roots show, each once.
[[nodiscard]] std::vector<EmbedderObject> find_embedder_objects(
    const std::vector<v8::GcRoot>& roots, const RootOwners& owners);

[[nodiscard]] std::vector<NamedRoot> name_roots(const v8::Heap& heap,
                                                const std::vector<v8::GcRoot>& roots,
                                                const RootOwners& owners);

}  // namespace corewalk
