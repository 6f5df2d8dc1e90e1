#include "analysis/string_finder.h"

#include <algorithm>
#include <cstring>

#include "analysis/scan_budget.h"
#include "analysis/string_matcher.h"
#include "v8/flat_string.h"
#include "v8/object_view.h"
#include "v8/string_reader.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::StringRepresentation;

namespace {

/// Of one concatenated string, so that those that share their parts cannot take forever.
constexpr uint64_t kMaxConsUnits = uint64_t{1} << 24;
/// Of what a regular expression matched.
constexpr uint64_t kMaxHitUnits = 120;

struct RawHit {
  Address address;
  StringMatch match;
};

/// A visitor of scan_heap() that matches flat strings and collects the concatenated ones.
class StringVisitor {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  StringVisitor(const v8::Heap& heap, const StringQuery& query, const StringMatcher& matcher,
                ScanBudget& budget)
      : heap_(heap), query_(query), matcher_(matcher), budget_(budget) {}

  void object(Address address, const Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    if (map.info.tag != v8::TypeTag::kString) return;
    const auto representation = v8::string_representation(map.info.instance_type);
    if (!representation || representation == StringRepresentation::kThin) return;
    if (representation == StringRepresentation::kCons) {
      add_parts(bytes, size);
      cons.push_back(address);
      return;
    }
    const auto flat = v8::flat_string(heap_, address, map.info.instance_type);
    if (!flat || !budget_.take(flat->length)) {
      ++unreadable;
      return;
    }
    const bool external = representation == StringRepresentation::kExternal;
    if (flat->length < query_.min_length ||
        size + (external ? flat->size_bytes() : 0) < query_.min_bytes) {
      return;
    }
    if (const auto match = matcher_.find(*flat)) hits.push_back({address, *match});
  }

  std::vector<RawHit> hits;
  std::vector<Address> cons;
  std::vector<Address> parts;  ///< of cons strings
  uint64_t unreadable = 0;

 private:
  void add_parts(const std::byte* bytes, uint64_t size) {
    const v8::StringFields& fields = heap_.layout().string;
    for (const uint64_t offset : {fields.cons_first.offset(), fields.cons_second.offset()}) {
      v8::TaggedWord word = 0;
      if (offset + sizeof word > size) continue;
      std::memcpy(&word, bytes + offset, sizeof word);
      const Address part = v8::untag(word);
      const auto type = heap_.instance_type(part);
      const bool is_cons = type && heap_.layout().type(*type).tag == v8::TypeTag::kString &&
                           v8::string_representation(*type) == StringRepresentation::kCons;
      if (is_cons) parts.push_back(part);
    }
  }

  const v8::Heap& heap_;
  const StringQuery& query_;
  const StringMatcher& matcher_;
  ScanBudget& budget_;
};

/// Matches the strings that are concatenated from others and part of no other.
std::vector<RawHit> match_cons(const v8::Heap& heap, const StringQuery& query,
                               const StringMatcher& matcher, const std::vector<Address>& roots,
                               ScanBudget& budget, Progress& progress) {
  const v8::StringReader strings(heap);
  tbb::enumerable_thread_specific<std::vector<RawHit>> found;
  progress.begin("reading concatenated strings", roots.size());
  for_each_page(roots.size(), found, progress, [&](std::vector<RawHit>& hits, size_t i) {
    const uint64_t length = strings.length(roots[i]).value_or(0);
    if (length < query.min_length || !budget.take(std::min(length, kMaxConsUnits))) return;
    const auto text = strings.read(roots[i], kMaxConsUnits);
    const auto match = text ? matcher.find(std::string_view(text->utf8)) : std::nullopt;
    if (match) hits.push_back({roots[i], *match});
  });
  progress.end();
  std::vector<RawHit> all;
  for (const auto& hits : found) all.insert(all.end(), hits.begin(), hits.end());
  return all;
}

std::string_view representation_name(uint16_t type) {
  const auto representation = v8::string_representation(type);
  if (!representation) return "unknown";
  switch (*representation) {
    case StringRepresentation::kSequential:
      return "sequential";
    case StringRepresentation::kCons:
      return "cons";
    case StringRepresentation::kExternal:
      return "external";
    case StringRepresentation::kSliced:
      return "sliced";
    case StringRepresentation::kThin:
      return "thin";
  }
  return "unknown";
}

StringHit describe(const v8::Heap& heap, const StringQuery& query, const RawHit& raw) {
  StringHit hit{.address = Address(v8::tag(raw.address)), .position = raw.match.position};
  const auto object = v8::ObjectView::load(heap, raw.address);
  if (!object) return hit;
  const uint16_t type = object->map().instance_type;
  hit.representation = representation_name(type);
  hit.internalized = v8::is_internalized_string(type);
  hit.shallow_bytes = object->size_bytes();
  const v8::StringReader strings(heap);
  hit.length = strings.length(raw.address).value_or(0);
  if (v8::string_representation(type) == StringRepresentation::kExternal) {
    hit.external_bytes = hit.length * (v8::is_one_byte_string(type) ? 1 : 2);
  }
  const auto part = [&](uint64_t begin, uint64_t units) {
    auto text = strings.read(raw.address, begin, units);
    return text ? std::move(text).value().utf8 : std::string();
  };
  const uint64_t begin = raw.match.position - std::min(raw.match.position, query.context_units);
  const uint64_t end = raw.match.position + raw.match.length;
  hit.begins = begin == 0;
  hit.before = part(begin, raw.match.position - begin);
  hit.hit = part(raw.match.position, std::min(raw.match.length, kMaxHitUnits));
  hit.after = raw.match.length > kMaxHitUnits ? "" : part(end, query.context_units);
  hit.ends = end + query.context_units >= hit.length;
  return hit;
}

/// Sorted; without duplicates.
void make_set(std::vector<Address>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

StringSearch find_strings(const v8::Heap& heap, const StringQuery& query, Progress& progress) {
  const StringMatcher matcher(query.pattern, query.is_regex);
  ScanBudget budget(kMaxScannedUnits);
  StringSearch search;
  std::vector<RawHit> hits;
  std::vector<Address> cons;
  std::vector<Address> parts;
  search.extent = scan_heap<StringVisitor>(
      heap, query.isolate, "looking through strings", progress,
      [&] { return StringVisitor(heap, query, matcher, budget); },
      [&](const StringVisitor& visitor) {
        hits.insert(hits.end(), visitor.hits.begin(), visitor.hits.end());
        cons.insert(cons.end(), visitor.cons.begin(), visitor.cons.end());
        parts.insert(parts.end(), visitor.parts.begin(), visitor.parts.end());
        search.unreadable += visitor.unreadable;
      });
  make_set(cons);
  make_set(parts);
  std::vector<Address> roots;
  std::set_difference(cons.begin(), cons.end(), parts.begin(), parts.end(),
                      std::back_inserter(roots));
  const std::vector<RawHit> more = match_cons(heap, query, matcher, roots, budget, progress);
  hits.insert(hits.end(), more.begin(), more.end());
  search.extent.interrupted = progress.interrupted();
  std::sort(hits.begin(), hits.end(),
            [](const RawHit& a, const RawHit& b) { return a.address < b.address; });
  search.total = hits.size();
  if (query.limit != 0 && hits.size() > query.limit) hits.resize(query.limit);
  search.hits.reserve(hits.size());
  for (const RawHit& hit : hits) search.hits.push_back(describe(heap, query, hit));
  return search;
}

}  // namespace corewalk
