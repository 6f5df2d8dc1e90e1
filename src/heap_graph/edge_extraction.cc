#include "heap_graph/edge_extraction.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "analysis/page_loop.h"
#include "heap_graph/edge_reader.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

/// Extracts the edges of some pages; one per thread. A visitor of PageWalker, and the sink of the
/// EdgeReader.
class Extractor {
 public:
  using MapData = ObjectPlan;
  using Maps = v8::MapTable<ObjectPlan>;
  static constexpr bool kWeak = false;
  static constexpr bool kNamed = false;

  Extractor(const ObjectIndex& index, const ObjectFacts& facts, const ObjectPlanner& planner,
            NodeId base, ExtractedEdges& edges)
      : index_(index),
        maps_(index.heap()),
        reader_(index, facts, planner, maps_, *this),
        base_(base),
        edges_(edges) {}
  // The reader keeps references to members.
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;

  void walk(size_t place) {
    const uint32_t page = index_.pages()[place];
    object_ = index_.first_of(page);
    found_.clear();
    shared_ = index_.heap().pages()[page].read_only;
    v8::PageWalker<Extractor>(index_.heap().pages()[page], maps_, *this).walk();
    edges_.page_targets[place] = keep_found();
  }

  void object(Address /*address*/, Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (v8::is_free(map.info.tag)) return;
    const size_t before = found_.size();
    reader_.read(map, size, bytes);
    edges_.edge_counts[object_] = static_cast<uint32_t>(found_.size() - before);
    const uint64_t own = own_bytes(map, size, bytes);
    if (!edges_.sizes.set_small(object_, own)) large.emplace_back(object_, own);
    edges_.types[object_] = type_of(map, size, bytes);
    ++object_;
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

  void edge(EdgeKind type, const EdgeName& /*name*/, ObjectNumber target) {
    if (type == EdgeKind::kShortcut) {
      special.push_back({base_ + object_, base_ + target, SpecialEdge::Kind::kNotDominating});
    } else {
      found_.push_back(base_ + target);
    }
  }
  void late_edge(EdgeKind /*type*/, const EdgeName& /*name*/, ObjectNumber target) {
    late.push_back({base_ + object_, base_ + target, SpecialEdge::Kind::kPlain});
  }
  void unmeasured_edge(EdgeKind /*type*/, const EdgeName& /*name*/, ObjectNumber target) {
    special.push_back({base_ + object_, base_ + target, SpecialEdge::Kind::kNotMeasured});
  }
  void tag(ObjectNumber target, NodeTagNumber number) {
    // Threads may say something of one object at the same time: the lowest number stays.
    std::atomic_ref<NodeTagNumber> kept(edges_.tags[target]);
    NodeTagNumber now = kept.load(std::memory_order_relaxed);
    while ((now == kNoTag || number < now) &&
           !kept.compare_exchange_weak(now, number, std::memory_order_relaxed)) {
    }
  }
  void ephemeron(ObjectNumber key, ObjectNumber value) {
    ephemerons.push_back({.table = base_ + object_, .key = base_ + key, .value = base_ + value});
  }
  void store(uint64_t address, uint64_t bytes) {
    if (address != 0) stores.push_back({base_ + object_, address, bytes});
  }

  std::vector<Ephemeron> ephemerons;
  std::vector<SpecialEdge> special;
  std::vector<SpecialEdge> late;
  std::vector<NativeStore> stores;
  std::vector<std::pair<ObjectNumber, uint64_t>> large;  ///< objects, and their sizes

 private:
  /// As V8's snapshot has it in this version.
  [[nodiscard]] uint64_t own_bytes(const Maps::Entry& map, uint64_t size,
                                   const std::byte* bytes) const {
    const v8::Layout& layout = index_.heap().layout();
    if (!layout.has(v8::Feature::kSnapshotCountsOwnBytes)) return size;
    if (shared_) return 0;
    if (map.data.kind != ObjectPlan::Kind::kExternalString) return size;
    const uint32_t offset = layout.string.length.offset();
    uint32_t length = 0;
    if (offset + sizeof length <= size) std::memcpy(&length, bytes + offset, sizeof length);
    return size + uint64_t{length} * (v8::is_one_byte_string(map.info.instance_type) ? 1 : 2);
  }

  /// The map's, but for two kinds that are not for programs to see.
  [[nodiscard]] v8::NodeType type_of(const Maps::Entry& map, uint64_t size,
                                     const std::byte* bytes) const {
    if (map.info.tag == v8::TypeTag::kMap && shared_) return v8::NodeType::kHidden;
    if (map.info.tag == v8::TypeTag::kSymbol) {
      const v8::Layout& layout = index_.heap().layout();
      const uint32_t offset = layout.string.symbol_flags.offset();
      uint32_t flags = 0;
      if (offset + sizeof flags <= size) std::memcpy(&flags, bytes + offset, sizeof flags);
      if (layout.bits.symbol_private.decode(flags) != 0) return v8::NodeType::kHidden;
    }
    return map.data.node_type;
  }

  /// Moves what was found into the block at hand, or a new one.
  PageTargets keep_found() {
    constexpr size_t kBlockTargets = size_t{1} << 20;
    if (block_ == nullptr || block_->size() - block_used_ < found_.size()) {
      block_ = std::make_shared<FlatArray<NodeId>>(std::max(found_.size(), kBlockTargets));
      block_used_ = 0;
    }
    NodeId* const place = block_->data() + block_used_;
    std::copy(found_.begin(), found_.end(), place);
    block_used_ += found_.size();
    return {.block = block_, .targets = {place, found_.size()}};
  }

  const ObjectIndex& index_;
  Maps maps_;
  EdgeReader<Extractor> reader_;
  NodeId base_;
  ExtractedEdges& edges_;  ///< each thread writes to places of its own
  ObjectNumber object_ = 0;
  bool shared_ = false;
  std::vector<NodeId> found_;
  std::shared_ptr<FlatArray<NodeId>> block_;
  size_t block_used_ = 0;
};

template <class T>
void append(std::vector<T>& all, const std::vector<T>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

ExtractedEdges extract_edges(const ObjectIndex& index, const ObjectFacts& facts, NodeId base,
                             Progress& progress) {
  ExtractedEdges edges;
  edges.edge_counts = FlatArray<uint32_t>(index.size(), 0);
  edges.sizes = SizeTable(index.size());
  edges.types = FlatArray<v8::NodeType>(index.size(), v8::NodeType::kHidden);
  edges.tags = FlatArray<NodeTagNumber>(index.size(), kNoTag);
  edges.page_targets.resize(index.pages().size());
  const ObjectPlanner planner(index);
  tbb::enumerable_thread_specific<Extractor> extractors(
      [&] { return Extractor(index, facts, planner, base, edges); });
  progress.begin("reading references", edges.page_targets.size());
  for_each_page(edges.page_targets.size(), extractors, progress,
                [&](Extractor& extractor, size_t i) { extractor.walk(i); });
  progress.end();
  edges.complete = !progress.interrupted();
  for (const Extractor& extractor : extractors) {
    append(edges.ephemerons, extractor.ephemerons);
    append(edges.special, extractor.special);
    append(edges.late, extractor.late);
    append(edges.stores, extractor.stores);
    for (const auto& [object, bytes] : extractor.large) edges.sizes.set(object, bytes);
  }
  return edges;
}

}  // namespace corewalk
