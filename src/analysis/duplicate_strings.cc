// V8's own hash of a string is of no use here: it is computed only for strings that were once a
// key. std::hash goes through the text instead; what it takes for equal is then compared, so it has
// to be fast and no more.
#include "analysis/duplicate_strings.h"

#include <tbb/parallel_sort.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "analysis/scan_budget.h"
#include "v8/flat_string.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::FlatString;
using v8::StringRepresentation;

namespace {

/// Texts of one hash that are told apart: more than any heap has that nobody forged.
constexpr size_t kMaxTexts = 1000;

struct HashedString {
  uint64_t hash;
  Address address;
  uint64_t bytes;  ///< of the object and its external characters
  uint16_t instance_type;
  v8::IsolateIndex isolate;
};

/// The same of equal texts, however wide their characters are kept.
uint64_t hash_of(const FlatString& string) {
  const std::string_view bytes(reinterpret_cast<const char*>(string.chars), string.size_bytes());
  if (string.one_byte) return std::hash<std::string_view>()(bytes);
  std::string narrow;
  for (uint64_t i = 0; i < string.length; ++i) {
    const uint16_t unit = string.unit(i);
    if (unit > 0xFF) return std::hash<std::string_view>()(bytes);
    narrow += static_cast<char>(unit);
  }
  return std::hash<std::string_view>()(narrow);
}

bool equal(const FlatString& a, const FlatString& b) {
  if (a.length != b.length || a.length == 0) return a.length == b.length;
  if (a.one_byte == b.one_byte) return std::memcmp(a.chars, b.chars, a.size_bytes()) == 0;
  for (uint64_t i = 0; i < a.length; ++i) {
    if (a.unit(i) != b.unit(i)) return false;
  }
  return true;
}

/// A visitor of scan_heap() that hashes the strings that own their characters.
class StringHasher {
 public:
  struct MapData {};
  using Maps = v8::MapTable<MapData>;

  StringHasher(const v8::Heap& heap, const DuplicateQuery& query, ScanBudget& budget)
      : heap_(heap), query_(query), budget_(budget) {}

  void object(Address address, const Maps::Entry& map, uint64_t size, const std::byte* /*bytes*/) {
    if (map.info.tag != v8::TypeTag::kString) return;
    const auto representation = v8::string_representation(map.info.instance_type);
    if (representation == StringRepresentation::kCons) ++cons;
    if (representation == StringRepresentation::kSliced) ++sliced;
    if (representation == StringRepresentation::kThin) ++thin;
    const bool owns_chars = representation == StringRepresentation::kSequential ||
                            representation == StringRepresentation::kExternal;
    if (!owns_chars) return;
    const uint16_t type = map.info.instance_type;
    const auto flat = v8::flat_string(heap_, address, type);
    if (!flat || !budget_.take(flat->length)) {
      ++unreadable;
    } else if (flat->length >= query_.min_length) {
      const bool external = representation == StringRepresentation::kExternal;
      const uint64_t bytes = size + (external ? flat->size_bytes() : 0);
      hashed.push_back({hash_of(*flat), address, bytes, type, isolate_of(address)});
      compared_bytes += bytes;
    }
  }

  std::vector<HashedString> hashed;
  uint64_t compared_bytes = 0;
  uint64_t cons = 0;
  uint64_t sliced = 0;
  uint64_t thin = 0;
  uint64_t unreadable = 0;

 private:
  /// Strings that all isolates share count with those of the main thread.
  [[nodiscard]] v8::IsolateIndex isolate_of(Address string) const {
    const v8::IsolateIndex isolate = heap_.page_of(string)->isolate;
    return isolate == v8::kSharedByAll ? 0 : isolate;
  }

  const v8::Heap& heap_;
  const DuplicateQuery& query_;
  ScanBudget& budget_;
};

/// One text, while its copies are counted.
struct Copies {
  FlatString text;
  DuplicateRow row;
  uint64_t smallest = 0;
};

/// Counts the copies among strings of one hash.
std::vector<Copies> count_copies(const v8::Heap& heap, std::span<const HashedString> strings) {
  std::vector<Copies> texts;
  for (const HashedString& string : strings) {
    const auto text = v8::flat_string(heap, string.address, string.instance_type);
    if (!text) continue;
    auto known = std::find_if(texts.begin(), texts.end(),
                              [&](const Copies& c) { return equal(c.text, *text); });
    if (known == texts.end()) {
      if (texts.size() == kMaxTexts) break;
      const DuplicateRow row{.sample = Address(v8::tag(string.address)), .length = text->length};
      texts.push_back({*text, row, string.bytes});
      known = std::prev(texts.end());
    }
    ++known->row.count;
    known->row.bytes += string.bytes;
    known->smallest = std::min(known->smallest, string.bytes);
  }
  return texts;
}

/// Isolates share hardly any strings: copies in two of them are no waste.
void add_rows(const v8::Heap& heap, const DuplicateQuery& query, std::vector<HashedString> strings,
              DuplicateReport& report) {
  tbb::parallel_sort(
      strings.begin(), strings.end(), [](const HashedString& a, const HashedString& b) {
        return std::tie(a.hash, a.isolate, a.address) < std::tie(b.hash, b.isolate, b.address);
      });
  for (auto first = strings.begin(); first != strings.end();) {
    const auto end = std::find_if(first, strings.end(), [&](const HashedString& s) {
      return s.hash != first->hash || s.isolate != first->isolate;
    });
    if (end - first > 1) {
      for (Copies& copies : count_copies(heap, {first, end})) {
        copies.row.waste_bytes = copies.row.bytes - copies.smallest;
        if (copies.row.count < 2 || copies.row.waste_bytes < query.min_waste_bytes) continue;
        report.copies += copies.row.count - 1;
        report.waste_bytes += copies.row.waste_bytes;
        report.rows.push_back(copies.row);
      }
    }
    first = end;
  }
}

}  // namespace

DuplicateReport find_duplicate_strings(const v8::Heap& heap, const DuplicateQuery& query,
                                       Progress& progress) {
  ScanBudget budget(kMaxScannedUnits);
  DuplicateReport report;
  std::vector<HashedString> strings;
  report.extent = scan_heap<StringHasher>(
      heap, query.isolate, "hashing strings", progress,
      [&] { return StringHasher(heap, query, budget); },
      [&](StringHasher& hasher) {
        strings.insert(strings.end(), hasher.hashed.begin(), hasher.hashed.end());
        hasher.hashed = {};
        report.compared_bytes += hasher.compared_bytes;
        report.cons += hasher.cons;
        report.sliced += hasher.sliced;
        report.thin += hasher.thin;
        report.unreadable += hasher.unreadable;
      });
  report.compared = strings.size();
  add_rows(heap, query, std::move(strings), report);
  std::sort(report.rows.begin(), report.rows.end(),
            [](const DuplicateRow& a, const DuplicateRow& b) {
              return std::tie(b.waste_bytes, a.sample) < std::tie(a.waste_bytes, b.sample);
            });
  return report;
}

}  // namespace corewalk
