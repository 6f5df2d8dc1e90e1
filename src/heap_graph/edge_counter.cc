#include "heap_graph/edge_counter.h"

#include "analysis/page_loop.h"
#include "heap_graph/edge_reader.h"
#include "v8/page_walker.h"

namespace corewalk {
namespace {

/// Counts on some pages; one per thread. A visitor of PageWalker, and the sink of the EdgeReader.
class Counter {
 public:
  using MapData = ObjectPlan;
  using Maps = v8::MapTable<ObjectPlan>;
  static constexpr bool kWeak = true;
  static constexpr bool kNamed = true;  // which edges there are depends on it

  Counter(const HeapGraph& graph, const Reachability& reachability, const ObjectPlanner& planner,
          std::span<const uint32_t> place_of, std::span<uint32_t> counts)
      : graph_(graph),
        reachability_(reachability),
        maps_(graph.index().heap()),
        reader_(graph.index(), graph.facts(), planner, maps_, *this),
        place_of_(place_of),
        counts_(counts) {}
  // The reader keeps references to members.
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void walk(uint32_t page) {
    node_ = graph_.first_object() + graph_.index().first_of(page);
    v8::PageWalker<Counter>(graph_.index().heap().pages()[page], maps_, *this).walk();
  }

  void object(Address address, Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (v8::is_free(map.info.tag)) return;
    if (listed(node_)) {
      count_ = 0;
      reader_.renew_limit();  // as EdgeLister does: both must count the same
      reader_.read(map, size, bytes);
      if (graph_.graph().has_more(node_)) {
        for (const Ephemeron& ephemeron : graph_.graph().ephemerons_of_key(node_)) {
          if (listed(ephemeron.table)) count(ephemeron.value);
        }
      }
      if (v8::is_js_object(map.info.tag)) {
        const NodeId native = graph_.embedder_of(address);
        if (native != kNoNode) count(native);
      }
      counts_[place_of_[node_]] = count_;
    }
    ++node_;
  }
  void gap(AddressRange /*range*/, v8::GapLabel /*label*/) {}

  void edge(EdgeKind /*type*/, const EdgeName& /*name*/, ObjectNumber target) {
    count(graph_.first_object() + target);
  }
  void late_edge(EdgeKind /*type*/, const EdgeName& /*name*/, ObjectNumber target) {
    count(graph_.first_object() + target);
  }
  void unmeasured_edge(EdgeKind /*type*/, const EdgeName& /*name*/, ObjectNumber target) {
    count(graph_.first_object() + target);
  }
  void tag(ObjectNumber /*target*/, NodeTagNumber /*tag*/) {}
  void ephemeron(ObjectNumber key, ObjectNumber value) {
    if (graph_.graph().keys_own_values()) return;
    if (listed(graph_.first_object() + key)) count(graph_.first_object() + value);
  }
  void store(uint64_t address, uint64_t /*bytes*/) {
    const NodeId native = graph_.native_of(address);
    if (native != kNoNode) count(native);
  }

 private:
  [[nodiscard]] bool listed(NodeId node) const { return is_listed(graph_, reachability_, node); }
  void count(NodeId target) { count_ += listed(target) ? 1U : 0U; }

  const HeapGraph& graph_;
  const Reachability& reachability_;
  Maps maps_;
  EdgeReader<Counter> reader_;
  std::span<const uint32_t> place_of_;
  std::span<uint32_t> counts_;  ///< each thread writes to places of its own
  NodeId node_ = 0;
  uint32_t count_ = 0;
};

}  // namespace

void count_listed_edges(const HeapGraph& graph, const Reachability& reachability,
                        std::span<const uint32_t> place_of, std::span<uint32_t> counts,
                        Progress& progress) {
  const auto pages = graph.index().pages();
  const ObjectPlanner planner(graph.index());
  tbb::enumerable_thread_specific<Counter> counters(
      [&] { return Counter(graph, reachability, planner, place_of, counts); });
  progress.begin("counting references", pages.size());
  for_each_page(pages.size(), counters, progress,
                [&](Counter& counter, size_t i) { counter.walk(pages[i]); });
  progress.end();
}

}  // namespace corewalk
