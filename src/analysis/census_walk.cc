#include "analysis/census_walk.h"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/census_worker.h"
#include "analysis/page_loop.h"

namespace corewalk {
namespace {

using v8::TypeTag;

/// One map's counts over all workers.
struct MapTotal {
  const v8::MapInfo* map = nullptr;
  RowName row;
  Counter counter;
};

/// Joins what the workers counted into rows.
class CensusBuilder {
 public:
  explicit CensusBuilder(const v8::Heap& heap) : heap_(heap) {}

  void add_worker(const CensusWorker& worker) {
    for (const CensusWorker::Maps::Entry& entry : worker.maps().entries()) {
      MapTotal& total = totals_[entry.info.map];
      total.map = &entry.info;
      total.counter.add(entry.data.counter);
      if (total.row.name.empty()) total.row = entry.data.row;
    }
    for (const auto& [key, counter] : worker.by_name()) named_[key].add(counter);
    census_.coverage.add(worker.coverage());
  }

  [[nodiscard]] Census finish(bool shapes) {
    for (const auto& [address, total] : totals_) {
      if (total.counter.count == 0) continue;
      add_row(total.row, total.counter);
      if (shapes) add_shape(total);
    }
    for (const auto& [key, counter] : named_) {
      add_row(key.second, counter);
      if (shapes) add_shape({totals_.at(key.first).map, key.second, counter});
    }
    for (auto& [key, row] : rows_) census_.rows.push_back(std::move(row));
    return std::move(census_);
  }

 private:
  void add_row(const RowName& key, const Counter& counter) {
    if (!key.prototype_of.empty()) census_.prototypes[key.prototype_of] += counter.count;
    CensusRow& row = rows_[{key.kind, key.name}];
    row.kind = key.kind;
    row.name = key.name;
    const Address sample(v8::tag(counter.sample));
    if (row.count == 0 || sample < row.sample) row.sample = sample;
    row.count += counter.own_count();
    row.self_bytes += counter.own_bytes();
    row.shallow_bytes += counter.own_bytes() + counter.store_bytes;
    row.external_bytes += counter.external_bytes;
    census_.object_count += counter.count;
    census_.object_bytes += counter.self_bytes;
  }

  void add_shape(const MapTotal& total) {
    ShapeRow row;
    row.name = total.row.name;
    row.kind = total.row.kind;
    row.count = total.counter.own_count();
    if (row.count == 0) return;
    row.shallow_bytes = total.counter.own_bytes() + total.counter.store_bytes;
    row.external_bytes = total.counter.external_bytes;
    row.sample = Address(v8::tag(total.counter.sample));
    if (v8::is_js_object(total.map->tag)) describe(row, *total.map);
    census_.shapes.push_back(std::move(row));
  }

  void describe(ShapeRow& row, const v8::MapInfo& map) const;

  const v8::Heap& heap_;
  std::map<Address, MapTotal> totals_;
  CensusWorker::NamedCounters named_;
  std::map<std::pair<RowKind, std::string>, CensusRow> rows_;
  Census census_;
};

void CensusBuilder::describe(ShapeRow& row, const v8::MapInfo& map) const {
  constexpr uint64_t kMaxPropertyName = 128;
  const auto view = v8::MapView::load(heap_, map.map);
  if (!view) return;
  const v8::PropertyReader properties(heap_);
  const v8::StringReader strings(heap_);
  row.dictionary_mode = view->is_dictionary_map;
  for (const v8::Descriptor& descriptor : properties.descriptors(*view)) {
    const Address key = v8::untag(descriptor.key);
    if (heap_.tag_of(key) == TypeTag::kSymbol) {
      const auto text = heap_.read(key, heap_.layout().string.symbol_description, "symbol");
      row.properties.push_back(
          "Symbol(" + (text ? strings.read_word(*text, kMaxPropertyName).value_or("") : "") + ")");
    } else {
      row.properties.push_back(strings.read_word(descriptor.key, kMaxPropertyName).value_or("?"));
    }
  }
  row.property_count = row.dictionary_mode
                           ? properties.dictionary_size(v8::untag(row.sample.value()))
                           : row.properties.size();
  const auto elements = heap_.follow(v8::untag(row.sample.value()),
                                     heap_.layout().object.elements.offset(), "elements");
  if (!elements) return;
  const auto length = heap_.read<v8::TaggedWord>(*elements, v8::kWordBytes, "elements length");
  if (length && v8::is_smi(*length)) {
    row.element_count = static_cast<uint64_t>(std::max(v8::smi_value(*length), 0));
  }
}

// SharedArrayBuffers of several isolates share one store: it counts once.
void count_shared_stores_once(std::vector<SharedStore> stores) {
  std::sort(stores.begin(), stores.end(), [](const SharedStore& a, const SharedStore& b) {
    return std::tie(a.data, b.bytes) < std::tie(b.data, a.bytes);
  });
  uint64_t last = 0;
  for (const SharedStore& store : stores) {
    if (store.data == last) continue;
    store.owner->external_bytes += store.bytes;
    last = store.data;
  }
}

/// One walk over the pages, on all cores.
Census walk_pages(const CensusContext& context, const std::vector<const v8::HeapPage*>& pages,
                  bool shapes, Progress& progress) {
  tbb::enumerable_thread_specific<CensusWorker> workers([&] { return CensusWorker(context); });
  progress.begin("walking the heap", pages.size());
  for_each_page(pages.size(), workers, progress,
                [&](CensusWorker& worker, size_t i) { worker.walk(*pages[i]); });
  progress.end();
  std::vector<SharedStore> shared;
  for (CensusWorker& worker : workers) {
    worker.finish();
    shared.insert(shared.end(), worker.shared_stores().begin(), worker.shared_stores().end());
  }
  count_shared_stores_once(std::move(shared));
  CensusBuilder builder(context.heap);
  for (const CensusWorker& worker : workers) builder.add_worker(worker);
  Census census = builder.finish(shapes);
  census.interrupted = progress.interrupted();
  return census;
}

}  // namespace

Census take_census(const v8::Heap& heap, const CensusOptions& options, Progress& progress) {
  std::vector<const v8::HeapPage*> pages;
  for (const v8::HeapPage& page : heap.pages()) {
    if (!options.isolate || page.isolate == *options.isolate) pages.push_back(&page);
  }
  ClaimBitmap claims(heap);
  CensusContext context{heap, claims, {}};
  for (const v8::Isolate& isolate : heap.isolates()) {
    context.cow_array_maps.push_back(heap.root(isolate, "fixed_cow_array_map").value_or(0));
  }
  Census census = walk_pages(context, pages, options.shapes, progress);
  if (!census.interrupted && claims.restrict_to_walked()) {
    census = walk_pages(context, pages, options.shapes, progress);
  }
  for (const v8::LostPage& page : heap.lost_pages()) {
    if (!options.isolate || page.isolate == *options.isolate) ++census.coverage.pages_missing;
  }
  return census;
}

}  // namespace corewalk
