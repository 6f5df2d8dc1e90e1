#pragma once

#include <vector>

#include "heap_graph/embedder_object.h"
#include "v8/gc_roots.h"

namespace corewalk {

/// What holds objects from outside of the heap.
struct GraphRoots {
  std::vector<v8::GcRoot> gc_roots;
  std::vector<EmbedderObject> embedder_objects;
};

}  // namespace corewalk
