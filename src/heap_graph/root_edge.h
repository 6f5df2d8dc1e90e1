#pragma once

#include "graph/node_id.h"
#include "heap_graph/edge.h"
#include "v8/gc_roots.h"

namespace corewalk {

/// An edge of one of the nodes that stand for roots.
struct RootEdge {
  EdgeKind type = EdgeKind::kInternal;
  EdgeName name;
  NodeId target = kNoNode;
  const v8::GcRoot* root = nullptr;  ///< null between such nodes
};

}  // namespace corewalk
