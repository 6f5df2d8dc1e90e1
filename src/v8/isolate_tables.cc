#include "v8/isolate_tables.h"

#include <algorithm>
#include <set>

#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

constexpr uint64_t kMaxEntries = 1 << 26;  ///< of any table
constexpr size_t kMinBuiltins = 256;
constexpr uint64_t kMaxChain = 1 << 16;

// ThreadLocalTop (execution/thread-local-top.h, to 10.8): what it refers to lies this near behind
// its Isolate*.
constexpr size_t kTopWordsBehind = 16;

// v8::TryCatch: isolate, next, exception, message, its own address.
constexpr uint64_t kTryCatchSelf = 4 * kWordBytes;

// StringTable: Data. Data: the one before it, elements and deleted elements (4 bytes each),
// capacity (4), the entries; the Smis 0 and 1 mark free ones and deleted ones.
constexpr uint64_t kStringTableEntries = 24;

// Relocatable: vtable, isolate, the one outside; CustomArguments: at most 7 values behind that.
constexpr uint64_t kRelocatableValues = 3 * kWordBytes;
constexpr uint64_t kMaxRelocatableValues = 7;

bool is_context(const Heap& heap, TaggedWord word) {
  if (!is_strong(word)) return false;
  const TypeTag tag = heap.tag_of(untag(word));
  return tag == TypeTag::kContext || tag == TypeTag::kNativeContext;
}

/// glibc keeps flags in the low bits of a block's size.
constexpr uint64_t kMallocFlags = 0xf;

constexpr uint64_t kSubCaches = 4;
constexpr uint64_t kMaxGenerations = 8;
constexpr uint64_t kMaxCompilationCacheBytes = 0x400;

}  // namespace

IsolateTables::IsolateTables(const Heap& heap, const Isolate& isolate,
                             std::span<const uint64_t> words)
    : heap_(heap), isolate_(isolate), words_(words) {
  // The builtins are the longest run of objects of one class.
  for (size_t i = 0; i < words_.size();) {
    const auto map =
        is_strong(words_[i]) && !in_roots_table(i) ? heap_.map_of(untag(words_[i])) : Fault{};
    size_t end = i + 1;
    if (map) {
      while (end < words_.size() && is_strong(words_[end])) {
        const auto next = heap_.map_of(untag(words_[end]));
        if (!next || *next != *map) break;
        ++end;
      }
    }
    if (map && end - i > builtin_count_) {
      first_builtin_ = i;
      builtin_count_ = end - i;
    }
    i = end;
  }
  if (builtin_count_ < kMinBuiltins) builtin_count_ = 0;
  const size_t named = heap_.layout().builtin_names.size();
  if (named != 0) builtin_count_ = std::min(builtin_count_, named);
}

uint64_t IsolateTables::word_at(Address place) const {
  return heap_.memory().read<uint64_t>(place, "tables of the isolate").value_or(0);
}

bool IsolateTables::is_object(TaggedWord word) const {
  if (!is_strong(word)) return false;
  const auto map = heap_.map_of(untag(word));
  return map && heap_.is_map(*map);
}

bool IsolateTables::in_roots_table(size_t index) const {
  const Address place = isolate_.address + index * kWordBytes;
  const uint64_t count = heap_.layout().root("last_script_id").value_or(0);
  return AddressRange(isolate_.roots, count * kWordBytes).contains(place);
}

std::vector<uint64_t> IsolateTables::read_words(Address start, uint64_t count) const {
  std::vector<uint64_t> words(count);
  (void)heap_.memory().read_partial({start, count * kWordBytes},
                                    std::as_writable_bytes(std::span<uint64_t>(words)));
  return words;
}

void IsolateTables::visit_words(RootCategory category, Address start, uint64_t count,
                                const Visit& visit) const {
  const std::vector<uint64_t> words = read_words(start, count);
  for (uint64_t i = 0; i < count; ++i) {
    if (is_strong(words[i])) visit(category, 0, start + i * kWordBytes, words[i]);
  }
}

std::optional<IsolateTables::Vector> IsolateTables::vector_at(Address place) const {
  const Address begin(word_at(place));
  const Address end(word_at(place + kWordBytes));
  const Address capacity(word_at(place + 2 * kWordBytes));
  if (begin > end || end > capacity || !begin.is_aligned(kWordBytes) ||
      !end.is_aligned(kWordBytes) || !capacity.is_aligned(kWordBytes)) {
    return {};
  }
  const uint64_t count = (end - begin) / kWordBytes;
  if (count > kMaxEntries) return {};
  if (count != 0 && heap_.memory().find_segment(end - 1) == nullptr) return {};
  return Vector{begin, count};
}

// Heap::IterateRoots: the read-only roots, then the strong ones; StringTable (to 8.4) is an object
// that its own pass of the collector looks at.
void IsolateTables::visit_roots_table(const Visit& visit) const {
  const Layout& layout = heap_.layout();
  const auto first_strong = layout.root("arguments_iterator_accessor");
  const auto first_smi = layout.root("last_script_id");
  if (!first_strong || !first_smi) return;
  const auto string_table = layout.root("string_table");
  const std::vector<uint64_t> words = read_words(isolate_.roots, *first_smi);
  for (uint32_t i = 0; i < *first_smi; ++i) {
    if (!is_strong(words[i])) continue;
    const RootCategory category = i < *first_strong   ? RootCategory::kReadOnlyRootList
                                  : i == string_table ? RootCategory::kStringTable
                                                      : RootCategory::kStrongRootList;
    visit(category, 0, isolate_.roots + i * kWordBytes, words[i]);
  }
}

// Heap::IterateBuiltins: all, then (from 9.6) those of tier 0 a second time, from a table that
// begins with the same objects.
void IsolateTables::visit_builtins(const Visit& visit) const {
  const auto table = words_.subspan(first_builtin_, builtin_count_);
  const auto visit_range = [&](size_t first, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      visit(RootCategory::kBuiltins, static_cast<uint32_t>(i + 1),
            isolate_.address + (first + i) * kWordBytes, words_[first + i]);
    }
  };
  visit_range(first_builtin_, builtin_count_);
  for (size_t i = 0; i + 1 < words_.size() && table.size() > 1; ++i) {
    if (i == first_builtin_ || words_[i] != table[0] || words_[i + 1] != table[1]) continue;
    size_t count = 2;
    while (i + count < words_.size() && count < table.size() && words_[i + count] == table[count]) {
      ++count;
    }
    visit_range(i, count);
    return;
  }
}

// Isolate::Iterate: exception, message and context of ThreadLocalTop and its TryCatches; what the
// embedder has asked to be kept for continuations. From 11.3 all of it lies before the roots table.
void IsolateTables::visit_thread_local_top(const Visit& visit) const {
  const size_t first_root = (isolate_.roots - isolate_.address) / kWordBytes;
  std::set<size_t> chosen;
  for (size_t i = 0; i < std::min(first_root, words_.size()); ++i) chosen.insert(i);
  for (size_t self = 2; self < words_.size(); ++self) {
    if (words_[self] != isolate_.address.value()) continue;
    const bool has_context = self + 1 < words_.size() && is_context(heap_, words_[self + 1]);
    const size_t end = std::min(self + kTopWordsBehind, words_.size());
    for (size_t i = self - 1; has_context && i < end; ++i) chosen.insert(i);
  }
  const auto builtins = words_.subspan(first_builtin_, builtin_count_);
  bool after_context = false;
  for (const size_t i : chosen) {
    const Address place = isolate_.address + i * kWordBytes;
    const uint64_t word = words_[i];
    // Isolate::topmost_script_having_context (from 12.4) lies behind the context, and is weak.
    const bool weak = after_context && is_context(heap_, word);
    after_context = !weak && is_context(heap_, word);
    if (in_roots_table(i) || weak) continue;
    if (!is_object(word)) {
      visit_try_catch(Address(word), visit);
    } else if (std::find(builtins.begin(), builtins.end(), word) == builtins.end()) {
      visit(RootCategory::kStackRoots, 0, place, word);
    }
  }
}

void IsolateTables::visit_try_catch(Address block, const Visit& visit) const {
  for (uint64_t i = 0; i < kMaxChain && !block.is_null() && block.is_aligned(kWordBytes); ++i) {
    if (word_at(block) != isolate_.address.value() ||
        word_at(block + kTryCatchSelf) != block.value()) {
      return;
    }
    visit_words(RootCategory::kStackRoots, block + 2 * kWordBytes, 2, visit);
    block = Address(word_at(block + kWordBytes));
  }
}

// Isolate::startup_object_cache and, from 10.0, shared_heap_object_cache: vectors that end with
// undefined.
void IsolateTables::visit_object_caches(const Visit& visit) const {
  const auto undefined = heap_.root(isolate_, "undefined_value");
  RootCategory category = RootCategory::kStartupObjectCache;
  for (size_t i = 0; undefined && i + 2 < words_.size(); ++i) {
    const auto cache = vector_at(isolate_.address + i * kWordBytes);
    if (!cache || cache->count < 2) continue;
    const Address last = cache->begin + (cache->count - 1) * kWordBytes;
    if (word_at(last) != *undefined) continue;
    const std::vector<uint64_t> words = read_words(cache->begin, cache->count);
    const bool whole = std::all_of(words.begin(), words.end(), [&](uint64_t word) {
      return is_smi(word) || heap_.page_of(untag(word)) != nullptr;
    });
    if (!whole) continue;
    visit_words(category, cache->begin, cache->count, visit);
    if (category == RootCategory::kSharedHeapObjectCache) return;
    category = RootCategory::kSharedHeapObjectCache;
    i += 2;
  }
}

// Heap::ExternalStringTable: heap, vector of young strings, vector of old ones; in 14.6 heap, a
// number of bytes, vector of old strings.
void IsolateTables::visit_external_strings(const Visit& visit) const {
  const auto strings_at = [&](size_t index) -> std::optional<Vector> {
    if (index + 2 >= words_.size()) return {};
    const auto vector = vector_at(isolate_.address + index * kWordBytes);
    if (!vector || vector->count == 0) return {};
    const TaggedWord first = word_at(vector->begin);
    if (!is_strong(first) || heap_.tag_of(untag(first)) != TypeTag::kString) return {};
    return vector;
  };
  for (size_t i = 0; i < words_.size(); ++i) {
    if (words_[i] != isolate_.heap.value()) continue;
    const auto young = strings_at(i + 1);
    const auto old = strings_at(i + 4);
    const auto only = young || old ? std::nullopt : strings_at(i + 2);
    for (const auto& strings : {young, old, only}) {
      if (!strings) continue;
      visit_words(RootCategory::kExternalStringsTable, strings->begin, strings->count, visit);
    }
    if (young || old || only) return;
  }
}

bool IsolateTables::visit_string_table(Address table, const Visit& visit) const {
  const Address data(word_at(table));
  const auto counts = heap_.memory().read<uint64_t>(data + kWordBytes, "string table");
  const auto capacity = heap_.memory().read<uint32_t>(data + 2 * kWordBytes, "string table");
  if (!counts || !capacity || *capacity < 16 || *capacity > kMaxEntries ||
      (*capacity & (*capacity - 1)) != 0) {
    return false;
  }
  const uint64_t elements = *counts & 0xffffffff;
  const uint64_t deleted = *counts >> 32;
  if (elements == 0 || elements + deleted > *capacity) return false;
  const Address entries = data + kStringTableEntries;
  const std::vector<uint64_t> words = read_words(entries, *capacity);
  const auto strings =
      static_cast<uint64_t>(std::count_if(words.begin(), words.end(), [&](uint64_t word) {
        return is_strong(word) && heap_.page_of(untag(word)) != nullptr;
      }));
  if (strings != elements) return false;
  visit_words(RootCategory::kStringTable, entries, *capacity, visit);
  return true;
}

// CompilationCache: isolate, then at least four caches: [vtable (9.4, 10.2),] isolate, [generations
// (to 10.2),] tables, which lay in memory of their own up to 8.6.
bool IsolateTables::visit_compilation_cache(Address cache, const Visit& visit) const {
  const uint64_t self = isolate_.address.value();
  const uint64_t size = block_bytes(cache) - kWordBytes;
  if (word_at(cache) != self || size > kMaxCompilationCacheBytes) return false;
  std::vector<Vector> found;
  for (Address at = cache + kWordBytes; at + 2 * kWordBytes <= cache + size; at = at + kWordBytes) {
    if (word_at(at) != self) continue;
    const Vector tables = sub_cache_tables(at + kWordBytes);
    if (tables.count == 0) return false;
    found.push_back(tables);
  }
  if (found.size() < kSubCaches) return false;
  for (const Vector& tables : found) {
    visit_words(RootCategory::kCompilationCache, tables.begin, tables.count, visit);
  }
  return true;
}

/// The tables of one cache, from what follows its isolate on; none if that is something else.
IsolateTables::Vector IsolateTables::sub_cache_tables(Address place) const {
  Vector tables{place, 0};
  if (!is_object(word_at(place))) {
    const uint64_t generations = word_at(place) & 0xffffffff;
    tables.begin = place + kWordBytes;
    if (!is_object(word_at(tables.begin))) tables.begin = Address(word_at(tables.begin));
    const bool fits = generations <= kMaxGenerations && is_object(word_at(tables.begin));
    tables.count = fits ? generations : 0;
    return tables;
  }
  while (tables.count < kMaxGenerations && is_object(word_at(place + tables.count * kWordBytes))) {
    ++tables.count;
  }
  return tables;
}

// Bootstrapper: isolate, depth of nesting, SourceCodeCache {type of scripts, FixedArray}.
bool IsolateTables::visit_extensions(Address bootstrapper, const Visit& visit) const {
  const Address cache = bootstrapper + 3 * kWordBytes;
  if (word_at(bootstrapper) != isolate_.address.value() ||
      (word_at(bootstrapper + kWordBytes) & 0xffffffff) != 0 ||
      (word_at(bootstrapper + 2 * kWordBytes) & 0xffffffff) > 8 || !is_object(word_at(cache)) ||
      heap_.tag_of(untag(word_at(cache))) != TypeTag::kFixedArray) {
    return false;
  }
  visit_words(RootCategory::kExtensions, cache, 1, visit);
  return true;
}

bool IsolateTables::is_constant(Address place) const {
  const Segment* segment = heap_.memory().find_segment(place);
  return segment != nullptr && !segment->writable;
}

/// The bytes of a block of malloc's, as glibc notes them in front of it.
uint64_t IsolateTables::block_bytes(Address block) const {
  return word_at(block - kWordBytes) & ~kMallocFlags;
}

/// The words of [start, end), if they are objects and Smis, and not only Smis.
std::vector<uint64_t> IsolateTables::objects_in(Address start, Address end) const {
  if (start.is_null() || start >= end || !start.is_aligned(kWordBytes) ||
      !end.is_aligned(kWordBytes) || (end - start) / kWordBytes > kMaxEntries ||
      is_constant(start) || heap_.memory().find_segment(end - 1) == nullptr) {
    return {};
  }
  std::vector<uint64_t> words = read_words(start, (end - start) / kWordBytes);
  const auto holds = [&](uint64_t word) { return is_object(word); };
  const auto fits = [&](uint64_t word) { return is_smi(word) || is_object(word); };
  if (!std::any_of(words.begin(), words.end(), holds) ||
      !std::all_of(words.begin(), words.end(), fits)) {
    return {};
  }
  return words;
}

// A list linked both ways (to 8.6: forwards only). Its entries are told by their size, by the label
// of the first, which is a constant, and by what lies between their ends.
bool IsolateTables::visit_strong_roots(Address entry, const Visit& visit) const {
  const auto known = heap_.layout().classes.find("StrongRootsEntry");
  if (known == heap_.layout().classes.end()) return false;
  const auto place = [&](Address object, std::string_view name) {
    const ClassField* field = Layout::field(&known->second, name);
    return field != nullptr ? std::optional(object + field->offset) : std::nullopt;
  };
  std::set<Address> seen;
  while (!entry.is_null() && entry.is_aligned(kWordBytes) && seen.size() < kMaxChain) {
    const auto start = place(entry, "start");
    const auto end = place(entry, "end");
    const auto next = place(entry, "next");
    if (!start || !end || !next) break;
    // The block's size comes before it, and the whole is a multiple of 16.
    const uint64_t size = (*next - entry) + 2 * kWordBytes;
    if (block_bytes(entry) != (size + 15) / 16 * 16) break;
    const auto label = place(entry, "label");
    const auto prev = place(entry, "prev");
    if (label && !is_constant(Address(word_at(*label)))) break;
    if (prev && seen.empty() && word_at(*prev) != 0) break;
    const Address first(word_at(*start));
    const std::vector<uint64_t> words = objects_in(first, Address(word_at(*end)));
    if (words.empty() || !seen.insert(entry).second) break;
    visit_words(RootCategory::kStrongRoots, first, words.size(), visit);
    entry = Address(word_at(*next));
  }
  return !seen.empty();
}

// Relocatable::Iterate: the arguments of calls of C++ (to 11.3).
bool IsolateTables::visit_relocatable(Address top, const Visit& visit) const {
  bool found = false;
  std::set<Address> seen;
  while (!top.is_null() && seen.size() < kMaxChain && seen.insert(top).second) {
    if (word_at(top + kWordBytes) != isolate_.address.value() ||
        !is_constant(Address(word_at(top)))) {
      break;
    }
    const Address values = top + kRelocatableValues;
    const std::vector<uint64_t> words = read_words(values, kMaxRelocatableValues);
    const auto objects =
        std::count_if(words.begin(), words.end(), [&](uint64_t word) { return is_object(word); });
    if (objects < 2) break;
    found = true;
    for (uint64_t i = 0; i < words.size(); ++i) {
      if (!is_object(words[i])) continue;
      visit(RootCategory::kRelocatable, 0, values + i * kWordBytes, words[i]);
    }
    top = Address(word_at(top + 2 * kWordBytes));
  }
  return found;
}

void IsolateTables::for_each(const Visit& visit) const {
  visit_roots_table(visit);
  visit_builtins(visit);
  visit_thread_local_top(visit);
  visit_object_caches(visit);
  visit_external_strings(visit);
  const AddressRange isolate_range(isolate_.address, words_.size() * kWordBytes);
  std::set<Address> seen;
  bool has_strings = heap_.layout().root("string_table").has_value();
  bool has_scripts = false;
  bool has_extensions = false;
  bool has_strong = false;
  bool has_relocatable = false;
  for (size_t i = 0; i < words_.size(); ++i) {
    const Address target(words_[i]);
    if (in_roots_table(i) || isolate_range.contains(target) || !target.is_aligned(kWordBytes) ||
        heap_.memory().find_segment(target) == nullptr || !seen.insert(target).second) {
      continue;
    }
    if (!has_scripts) has_scripts = visit_compilation_cache(target, visit);
    if (!has_extensions) has_extensions = visit_extensions(target, visit);
    if (!has_strings) has_strings = visit_string_table(target, visit);
    if (!has_strong) has_strong = visit_strong_roots(target, visit);
    if (!has_relocatable) has_relocatable = visit_relocatable(target, visit);
  }
}

}  // namespace corewalk::v8
