#include "heap_graph/class_census.h"

#include <limits>
#include <map>
#include <utility>

#include "analysis/row_namer.h"
#include "graph/class_totals.h"
#include "v8/map_table.h"

namespace corewalk {
namespace {

/// Says which row each object belongs to, by number.
class RowFinder {
 public:
  explicit RowFinder(const HeapGraph& graph)
      : graph_(graph), maps_(graph.index().heap()), namer_(graph.index().heap()) {}

  /// kNoClass for an object that cannot be read.
  uint32_t row_of(Address object) {
    const auto word = graph_.index().heap().read<v8::TaggedWord>(object, 0, "map");
    auto* map = word ? maps_.find(*word) : nullptr;
    if (map == nullptr) return kNoClass;
    if (!map->data.decided) {
      map->data.decided = true;
      map->data.of_object = namer_.differs_within(map->info);
      if (!map->data.of_object) map->data.row = number_of(namer_.name(object, map->info));
    }
    return map->data.of_object ? number_of(namer_.name(object, map->info)) : map->data.row;
  }

  [[nodiscard]] const std::vector<RowName>& rows() const { return rows_; }

 private:
  struct MapRow {
    bool decided = false;
    bool of_object = false;
    uint32_t row = kNoClass;
  };

  uint32_t number_of(RowName name) {
    const auto [entry, is_new] =
        numbers_.try_emplace(std::pair(name.kind, name.name), static_cast<uint32_t>(rows_.size()));
    if (is_new) rows_.push_back(std::move(name));
    return entry->second;
  }

  const HeapGraph& graph_;
  v8::MapTable<MapRow> maps_;
  RowNamer namer_;
  std::map<std::pair<RowKind, std::string>, uint32_t> numbers_;
  std::vector<RowName> rows_;
};

/// Calls body(node, address) for each object of an isolate, until the user interrupts.
template <class Body>
void for_each_object(const HeapGraph& graph, std::optional<v8::IsolateIndex> isolate,
                     Progress& progress, const Body& body) {
  ObjectIndex::Cursor cursor(graph.index());
  const auto pages = graph.index().pages();
  progress.begin("naming objects", pages.size());
  for (size_t i = 0; i < pages.size() && !progress.interrupted(); ++i) {
    const ObjectNumber first = graph.index().first_of(pages[i]);
    const ObjectNumber end = graph.index().end_of(i);
    progress.advance(1);
    if (isolate && graph.index().heap().pages()[pages[i]].isolate != *isolate) continue;
    cursor.seek(first);
    for (ObjectNumber object = first; object < end; ++object) {
      body(graph.first_object() + object, cursor.next());
    }
  }
  progress.end();
}

}  // namespace

Census count_classes(const RetentionGraph& graph, Liveness liveness,
                     std::optional<v8::IsolateIndex> isolate, Progress& progress) {
  const HeapGraph& objects = graph.objects();
  const bool wants_live = liveness == Liveness::kLive;
  RowFinder finder(objects);
  FlatArray<uint32_t> class_of(objects.node_count(), kNoClass);
  std::vector<CensusRow> rows;
  Census census;
  for_each_object(objects, isolate, progress, [&](NodeId node, Address address) {
    if (liveness != Liveness::kAny && graph.live(node) != wants_live) return;
    const uint32_t row = class_of[node] = finder.row_of(address);
    if (row == kNoClass) {
      ++census.coverage.unreadable_objects;
      return;
    }
    if (rows.size() <= row) {
      rows.resize(row + 1);
      rows[row].name = finder.rows()[row].name;
      rows[row].kind = finder.rows()[row].kind;
    }
    CensusRow& entry = rows[row];
    if (entry.sample.is_null()) entry.sample = Address(v8::tag(address));
    const uint64_t shallow = graph.shallow_bytes()[node];
    census.object_bytes += objects.self_bytes(node);
    ++census.object_count;
    const bool is_store = entry.kind == RowKind::kInternal;
    if (is_store && shallow == 0 && objects.self_bytes(node) != 0) return;  // its owner's
    ++entry.count;
    entry.self_bytes += objects.self_bytes(node);
    entry.shallow_bytes += shallow;
  });
  census.interrupted = progress.interrupted();
  for (const NativeStore& store : objects.natives()) {
    const uint32_t row = class_of[store.owner];
    if (row != kNoClass) rows[row].external_bytes += store.bytes;
  }
  if (wants_live) {
    const std::vector<ClassTotals> totals = sum_classes(
        graph.dominators(), graph.reachability(), graph.shallow_bytes(), graph.retained(),
        {class_of.data(), class_of.size()}, static_cast<uint32_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].retained_bytes = totals[i].retained_bytes;
      if (totals[i].distance < Reachability::kSystemDistance) {
        rows[i].distance = totals[i].distance;
      }
    }
  }
  for (CensusRow& row : rows) {
    if (row.count != 0) census.rows.push_back(std::move(row));
  }
  return census;
}

std::vector<NodeId> nodes_of_class(const RetentionGraph& graph, std::string_view name,
                                   std::optional<v8::IsolateIndex> isolate, uint64_t& dead_count,
                                   Progress& progress) {
  RowFinder finder(graph.objects());
  std::vector<NodeId> nodes;
  dead_count = 0;
  for_each_object(graph.objects(), isolate, progress, [&](NodeId node, Address address) {
    const uint32_t row = finder.row_of(address);
    if (row == kNoClass || finder.rows()[row].name != name) return;
    if (graph.live(node)) {
      nodes.push_back(node);
    } else {
      ++dead_count;
    }
  });
  return nodes;
}

}  // namespace corewalk
