#include "heap_graph/heap_graph.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/failure.h"
#include "v8/object_view.h"

namespace corewalk {

using v8::NodeType;

/// Joins what was extracted with the roots.
class HeapGraph::Builder {
 public:
  explicit Builder(HeapGraph& graph) : graph_(graph) {
    graph_.groups_ = v8::root_groups(graph_.index_.heap().layout());
    graph_.first_object_ = static_cast<NodeId>(kGcRoots + 1 + graph_.groups_.size());
  }

  void build(Progress& progress) {
    ExtractedEdges edges =
        extract_edges(graph_.index_, *graph_.facts_, graph_.first_object_, progress);
    if (!edges.complete) throw Failure(ExitCode::kPartial, "interrupted");
    number_natives(edges.stores);
    connect_roots();
    connect_embedder();
    std::sort(store_edges_.begin(), store_edges_.end());
    GraphParts parts;
    parts.first_edge = first_edges(edges);
    parts.targets = targets(edges, parts.first_edge);
    apply_tags(edges.types, edges.tags);
    parts.flags = flags(edges.types);
    parts.ephemerons = std::move(edges.ephemerons);
    parts.keys_own_values = graph_.index_.heap().layout().has(v8::Feature::kSnapshotKeysHoldValues);
    parts.special_edges = std::move(edges.special);
    parts.special_edges.insert(parts.special_edges.end(), guesses_.begin(), guesses_.end());
    graph_.late_edges_.insert(graph_.late_edges_.end(), edges.late.begin(), edges.late.end());
    parts.user_roots = user_roots_;
    graph_.sizes_ = std::move(edges.sizes);
    graph_.tags_ = std::move(edges.tags);
    graph_.types_ = std::move(edges.types);
    graph_.graph_.emplace(std::move(parts));
  }

 private:
  /// Memory that several objects share is one node; it belongs to each of them.
  void number_natives(std::vector<NativeStore>& stores) {
    std::sort(stores.begin(), stores.end(), [](const NativeStore& a, const NativeStore& b) {
      return std::tie(a.address, a.owner) < std::tie(b.address, b.owner);
    });
    for (const NativeStore& store : stores) {
      if (graph_.natives_.empty() || graph_.natives_.back().address != store.address) {
        graph_.natives_.push_back(store);
      }
      const auto node = static_cast<NodeId>(graph_.first_native() + graph_.natives_.size() - 1);
      store_edges_.push_back({store.owner, node});
    }
  }

  /// A wrapper and its C++ object hold each other; the root holds C++ objects that stay by
  /// themselves.
  void connect_embedder() {
    std::vector<EmbedderObject>& objects = graph_.embedder_objects_;
    std::erase_if(objects, [&](const EmbedderObject& object) {
      return graph_.node_of(object.wrapper) == kNoNode;
    });
    std::sort(objects.begin(), objects.end(),
              [](const auto& a, const auto& b) { return a.wrapper < b.wrapper; });
    const v8::Layout& layout = graph_.index_.heap().layout();
    for (size_t i = 0; i < objects.size(); ++i) {
      objects[i].is_root &= layout.has(v8::Feature::kSnapshotEmbedderRoots);
      const auto node = static_cast<NodeId>(graph_.first_embedder() + i);
      store_edges_.push_back({graph_.node_of(objects[i].wrapper), node});
      if (!objects[i].is_root) continue;
      connect(kRootNode, {.type = EdgeKind::kElement,
                          .name = EdgeName::of_index(graph_.root_edges_[kRootNode].size() + 1),
                          .target = node});
    }
  }

  void connect_roots() {
    graph_.root_edges_.resize(graph_.first_object_);
    synthetic_.resize(graph_.first_object_);
    connect(kRootNode,
            {.type = EdgeKind::kElement, .name = EdgeName::of_index(1), .target = kGcRoots});
    for (NodeId node = kGcRoots + 1; node < graph_.first_object_; ++node) {
      connect(kGcRoots, {.type = EdgeKind::kElement,
                         .name = EdgeName::of_index(node - kGcRoots),
                         .target = node});
    }
    // The strings that the table of internalized strings refers to are many.
    std::vector<size_t> counts(graph_.first_object_);
    for (const v8::GcRoot& root : graph_.roots_) ++counts[node_of(root.category)];
    for (NodeId node = kGcRoots + 1; node < graph_.first_object_; ++node) {
      graph_.root_edges_[node].reserve(counts[node]);
    }
    for (size_t i = 0; i < graph_.roots_.size(); ++i) {
      const v8::GcRoot& root = graph_.roots_[i];
      const NodeId target = graph_.node_of(v8::untag(root.word));
      const NodeId node = node_of(root.category);
      if (target == kNoNode || node == kRootNode) continue;
      const EdgeKind type = root.weak_edge ? EdgeKind::kWeak : EdgeKind::kInternal;
      connect(
          node,
          {.type = type, .name = {EdgeName::Kind::kRoot, i, {}}, .target = target, .root = &root});
      if (!root.weak_edge && root.in_snapshot) add_user_root(target);
    }
  }

  /// The node that stands for a category; the root if there is none.
  [[nodiscard]] NodeId node_of(v8::RootCategory category) const {
    const auto group =
        std::find_if(graph_.groups_.begin(), graph_.groups_.end(),
                     [&](const v8::RootGroup& one) { return one.category == category; });
    return group == graph_.groups_.end()
               ? kRootNode
               : static_cast<NodeId>(kGcRoots + 1 + (group - graph_.groups_.begin()));
  }

  void connect(NodeId node, const RootEdge& edge) {
    graph_.root_edges_[node].push_back(edge);
    if (edge.type == EdgeKind::kWeak) return;
    if (edge.root != nullptr && !edge.root->in_snapshot) {
      guesses_.push_back({node, edge.target, SpecialEdge::Kind::kGuess});
    } else if (edge.root != nullptr && !edge.root->keeps_alive) {
      // Listed as if it held; only objects of the program's own have distances that people see.
      graph_.late_edges_.push_back({node, edge.target, SpecialEdge::Kind::kNotMeasured});
    } else {
      synthetic_[node].push_back(edge.target);
    }
  }

  /// What V8's snapshot has as the program's own: the global object of each context that a root
  /// holds (V8HeapExplorer::SetGcSubrootReference).
  void add_user_root(NodeId held) {
    const auto context = v8::ObjectView::load(graph_.index_.heap(), graph_.address_of(held));
    if (!context || context->tag() != v8::TypeTag::kNativeContext) return;
    constexpr uint64_t kExtension = 2;  // Context::EXTENSION_INDEX
    const v8::Heap& heap = graph_.index_.heap();
    const bool is_context = heap.layout().has(v8::Feature::kSnapshotContextRoots);
    const auto global = is_context ? Result<v8::TaggedWord>(v8::tag(context->address()))
                                   : context->word(heap.layout().container.array_elements.offset() +
                                                   kExtension * v8::kWordBytes);
    const NodeId node = global ? graph_.node_of(v8::untag(*global)) : kNoNode;
    if (node == kNoNode || !seen_.insert(node).second) return;
    user_roots_.push_back(node);
    connect(kRootNode, {.type = EdgeKind::kShortcut,
                        .name = EdgeName::of_index(user_roots_.size() + 1),
                        .target = node});
  }

  [[nodiscard]] FlatArray<uint32_t> first_edges(const ExtractedEdges& edges) const {
    FlatArray<uint32_t> first(size_t{graph_.node_count()} + 1);
    uint64_t sum = 0;
    auto store = store_edges_.begin();
    for (NodeId node = 0; node < graph_.node_count(); ++node) {
      first[node] = static_cast<uint32_t>(sum);
      if (node < graph_.first_object_) {
        sum += synthetic_[node].size();
      } else if (node < graph_.first_native()) {
        sum += edges.edge_counts[node - graph_.first_object_];
      } else if (node >= graph_.first_embedder()) {
        ++sum;  // its wrapper
      }
      for (; store != store_edges_.end() && store->source == node; ++store) ++sum;
      if (sum > std::numeric_limits<uint32_t>::max()) {
        throw Failure(ExitCode::kUnsupported, "the heap has more references than can be numbered");
      }
    }
    first[graph_.node_count()] = static_cast<uint32_t>(sum);
    return first;
  }

  /// Page by page, so that what was extracted goes as its copy comes.
  [[nodiscard]] FlatArray<NodeId> targets(ExtractedEdges& edges,
                                          const FlatArray<uint32_t>& first) const {
    FlatArray<NodeId> all(first[graph_.node_count()]);
    NodeId* out = all.begin();
    for (const auto& list : synthetic_) out = std::copy(list.begin(), list.end(), out);
    auto store = store_edges_.begin();
    const auto pages = graph_.index_.pages();
    for (size_t i = 0; i < pages.size(); ++i) {
      const ObjectNumber begin = graph_.index_.first_of(pages[i]);
      const ObjectNumber end = graph_.index_.end_of(i);
      const NodeId* in = edges.page_targets[i].targets.data();
      for (ObjectNumber object = begin; object < end; ++object) {
        const uint32_t count = edges.edge_counts[object];
        out = std::copy(in, in + count, out);
        in += count;
        for (; store != store_edges_.end() && store->source == graph_.first_object_ + object;
             ++store) {
          *out++ = store->target;
        }
      }
      edges.page_targets[i] = {};
    }
    for (const EmbedderObject& object : graph_.embedder_objects_) {
      *out++ = graph_.node_of(object.wrapper);
    }
    return all;
  }

  /// What is said of objects makes code of some, in versions that know code.
  void apply_tags(FlatArray<NodeType>& types, const FlatArray<NodeTagNumber>& tags) const {
    const auto& known = graph_.index_.heap().layout().node_types;
    const auto knows = [&](NodeType type) {
      return std::any_of(known.begin(), known.end(),
                         [&](const auto& entry) { return entry.second == type; });
    };
    const bool knows_code = knows(NodeType::kCode);
    const bool knows_shapes = knows(NodeType::kObjectShape);
    for (size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] == kNoTag) continue;
      const NodeType type = node_tag(tags[i]).type;
      if ((type == NodeType::kCode && knows_code) ||
          (type == NodeType::kObjectShape && knows_shapes)) {
        types[i] = type;
      }
    }
  }

  [[nodiscard]] FlatArray<uint8_t> flags(const FlatArray<NodeType>& types) const {
    FlatArray<uint8_t> all(graph_.node_count(), 0);
    for (NodeId node = 0; node < graph_.node_count(); ++node) {
      if (graph_.type_of(node) == NodeType::kSynthetic) all[node] = kSynthetic;
      if (node + 1 == graph_.first_object_) node = graph_.first_native() - 1;
    }
    for (ObjectNumber i = 0; i < types.size(); ++i) {
      if (types[i] == NodeType::kHidden || types[i] == NodeType::kArray) {
        all[graph_.first_object_ + i] = kOwnable;
      }
    }
    return all;
  }

  struct StoreEdge {
    NodeId source = kNoNode;
    NodeId target = kNoNode;
    friend auto operator<=>(const StoreEdge&, const StoreEdge&) = default;
  };

  HeapGraph& graph_;
  std::vector<std::vector<NodeId>> synthetic_;  ///< edges of the nodes before the objects
  std::vector<SpecialEdge> guesses_;            ///< words of C++ frames
  std::vector<StoreEdge> store_edges_;
  std::vector<NodeId> user_roots_;
  std::set<NodeId> seen_;
};

std::unique_ptr<HeapGraph> HeapGraph::build(const v8::Heap& heap,
                                            std::optional<v8::IsolateIndex> isolate,
                                            GraphRoots roots, Progress& progress) {
  ObjectIndex index = ObjectIndex::build(heap, isolate, progress);
  if (!index.complete()) throw Failure(ExitCode::kPartial, "interrupted");
  std::unique_ptr<HeapGraph> graph(new HeapGraph(std::move(index)));
  graph->facts_.emplace(graph->index_);
  graph->roots_ = std::move(roots.gc_roots);
  graph->embedder_objects_ = std::move(roots.embedder_objects);
  graph->root_names_.emplace(heap);
  Builder(*graph).build(progress);
  return graph;
}

bool HeapGraph::add_late_edges(const Reachability& reachability) {
  std::erase_if(late_edges_, [&](const SpecialEdge& edge) {
    return !reachability.live(edge.from) || !reachability.live(edge.to);
  });
  graph_->add_special_edges(late_edges_);
  return std::any_of(late_edges_.begin(), late_edges_.end(), [](const SpecialEdge& edge) {
    return edge.kind != SpecialEdge::Kind::kNotMeasured;
  });
}

NodeType HeapGraph::type_of(NodeId node) const {
  if (node < first_object_) return NodeType::kSynthetic;
  if (node < first_native()) return types_[node - first_object_];
  const bool is_root =
      node >= first_embedder() && embedder_objects_[node - first_embedder()].is_root;
  return is_root ? NodeType::kSynthetic : NodeType::kNative;
}

NodeId HeapGraph::native_of(uint64_t address) const {
  const auto found = std::lower_bound(
      natives_.begin(), natives_.end(), address,
      [](const NativeStore& store, uint64_t wanted) { return store.address < wanted; });
  if (found == natives_.end() || found->address != address) return kNoNode;
  return first_native() + static_cast<NodeId>(found - natives_.begin());
}

uint64_t HeapGraph::self_bytes(NodeId node) const {
  if (node < first_object_) return 0;
  if (node < first_native()) return sizes_[node - first_object_];
  return node < first_embedder() ? natives_[node - first_native()].bytes
                                 : embedder_objects_[node - first_embedder()].bytes;
}

SizeTable HeapGraph::self_sizes() const {
  SizeTable sizes(node_count());
  for (NodeId node = 0; node < sizes.count(); ++node) sizes.set(node, self_bytes(node));
  return sizes;
}

NodeId HeapGraph::embedder_of(Address wrapper) const {
  const auto found = std::lower_bound(
      embedder_objects_.begin(), embedder_objects_.end(), wrapper,
      [](const EmbedderObject& object, Address wanted) { return object.wrapper < wanted; });
  if (found == embedder_objects_.end() || found->wrapper != wrapper) return kNoNode;
  return first_embedder() + static_cast<NodeId>(found - embedder_objects_.begin());
}

}  // namespace corewalk
