#include "v8/elements.h"

#include <algorithm>
#include <cstring>

#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

using Holds = PropertyReader::Holds;

/// The NaN that marks a hole among doubles (kHoleNanInt64, common/globals.h).
constexpr uint64_t kHoleNan = 0xFFF7FFFFFFF7FFFF;
constexpr uint64_t kDictionaryEntryBytes = 3 * kWordBytes;  // key, value, details

/// A length or an index too large for a Smi.
std::optional<uint64_t> index_of(const Heap& heap, TaggedWord word) {
  if (heap.tag_of(untag(word)) != TypeTag::kHeapNumber) return {};
  const auto value = heap.read<double>(untag(word), kWordBytes, "element index");
  constexpr double kMaxLength = 4294967295;  // of an array
  if (!value || !(*value >= 0 && *value <= kMaxLength)) return {};
  return static_cast<uint64_t>(*value);
}

bool is_arguments_store(const Heap& heap, const ObjectView& store) {
  if (store.tag() == TypeTag::kSloppyArgumentsElements) return true;
  if (store.tag() != TypeTag::kFixedArray) return false;
  const TaggedWord map = tag(store.map().map);
  for (const Isolate& isolate : heap.isolates()) {
    if (heap.root(isolate, "sloppy_arguments_elements_map") == map) return true;
  }
  return false;
}

}  // namespace

bool ElementReader::is_hole(TaggedWord word) const {
  if (is_smi(word)) return false;
  const auto hole = heap_.root("the_hole_value");
  if (hole && *hole == word) return true;
  // Without shared read-only space every isolate has a hole of its own.
  for (const Isolate& isolate : heap_.isolates()) {
    if (heap_.root(isolate, "the_hole_value") == word) return true;
  }
  // Later versions have several, each for its own use, of a type of their own.
  const auto type = heap_.instance_type(untag(word));
  return type && heap_.layout().type(*type).name == "HOLE";
}

std::optional<uint64_t> ElementReader::array_length(const ObjectView& object) const {
  if (object.tag() != TypeTag::kJSArray) return {};
  const auto word = object.word(heap_.layout().object.array_length.offset());
  if (!word) return {};
  if (is_smi(*word)) return static_cast<uint64_t>(std::max(smi_value(*word), 0));
  return index_of(heap_, *word);
}

void ElementReader::for_each(const ObjectView& object, const Visit& visit) const {
  if (!is_js_object(object.tag())) return;
  const auto word = object.word(heap_.layout().object.elements.offset());
  const auto store = word ? ObjectView::at(heap_, *word) : Result<ObjectView>(word.fault());
  if (!store) return;
  const uint64_t limit = array_length(object).value_or(~uint64_t{0});
  if (is_arguments_store(heap_, *store)) {
    visit_arguments(*store, visit);
    return;
  }
  const TypeTag tag = store->tag();  // else a ByteArray, a typed array's own memory; or damage
  if (tag == TypeTag::kFixedArray) visit_array(*store, limit, visit);
  if (tag == TypeTag::kFixedDoubleArray) visit_doubles(*store, limit, visit);
  if (tag == TypeTag::kNumberDictionary) visit_dictionary(*store, visit);
}

void ElementReader::visit_array(const ObjectView& store, uint64_t limit, const Visit& visit) const {
  const uint64_t start = heap_.layout().container.array_elements.offset();
  const uint64_t length = std::min(limit, (store.size_bytes() - start) / kWordBytes);
  for (uint64_t i = 0; i < length; ++i) {
    const auto value = store.word(start + i * kWordBytes);
    if (value && is_hole(*value)) continue;
    const Element element{.index = i,
                          .holds = value ? Holds::kTagged : Holds::kUnreadable,
                          .value = value.value_or(0)};
    if (!visit(element)) return;
  }
}

void ElementReader::visit_doubles(const ObjectView& store, uint64_t limit,
                                  const Visit& visit) const {
  const uint64_t start = heap_.layout().container.array_elements.offset();
  const uint64_t length = std::min(limit, (store.size_bytes() - start) / kWordBytes);
  for (uint64_t i = 0; i < length; ++i) {
    const auto bits = store.word(start + i * kWordBytes);
    if (!bits || *bits == kHoleNan) continue;
    Element element{.index = i, .holds = Holds::kDouble};
    std::memcpy(&element.number, &*bits, sizeof element.number);
    if (!visit(element)) return;
  }
}

/// Where the entries of a dictionary lie in it, in order of their index.
std::vector<std::pair<uint64_t, uint64_t>> ElementReader::entries_by_index(
    const ObjectView& store) const {
  std::vector<std::pair<uint64_t, uint64_t>> entries;
  for (uint64_t at = heap_.layout().container.number_dictionary_entries.offset();
       at + kDictionaryEntryBytes <= store.size_bytes(); at += kDictionaryEntryBytes) {
    const TaggedWord key = *store.word(at);
    if (is_smi(key)) {
      entries.emplace_back(static_cast<uint64_t>(std::max(smi_value(key), 0)), at);
    } else if (const auto number = index_of(heap_, key)) {  // else a free entry
      entries.emplace_back(*number, at);
    }
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void ElementReader::visit_dictionary(const ObjectView& store, const Visit& visit) const {
  const BitLayout& bits = heap_.layout().bits;
  for (const auto& [index, at] : entries_by_index(store)) {
    const auto details = static_cast<uint32_t>(smi_value(*store.word(at + 2 * kWordBytes)));
    const bool is_accessor = bits.details_kind.decode(details) != 0;
    const uint32_t attributes = bits.details_attributes.decode(details);
    const Element element{.index = index,
                          .holds = is_accessor ? Holds::kAccessor : Holds::kTagged,
                          .value = *store.word(at + kWordBytes),
                          .read_only = (attributes & kReadOnly) != 0,
                          .hidden = (attributes & kDontEnum) != 0};
    if (!visit(element)) return;
  }
}

// The first elements may be aliases of parameters that live in a context: then `mapped_entries` has
// the slot, and the store of the others a hole (objects/arguments.h).
// SloppyArgumentsElements (objects/arguments.tq): the context, the store of the arguments that are
// no variables, then for each parameter the slot of its variable in the context. Up to 8.4 a
// FixedArray with a map of its own.
void ElementReader::visit_arguments(const ObjectView& store, const Visit& visit) const {
  const uint64_t first = heap_.layout().container.array_elements.offset();
  const auto referred = [&](uint64_t offset) {
    const auto word = store.word(offset);
    return word ? ObjectView::at(heap_, *word) : Result<ObjectView>(word.fault());
  };
  const auto context = referred(first);
  const auto others = referred(first + kWordBytes);
  const uint64_t mapped = first + 2 * kWordBytes;
  bool go_on = true;
  for (uint64_t at = mapped; at + kWordBytes <= store.size_bytes() && context && go_on;
       at += kWordBytes) {
    const TaggedWord slot = *store.word(at);
    if (!is_smi(slot)) continue;  // the hole: not tied to a variable, or no longer
    const auto value =
        context->word(first + static_cast<uint64_t>(std::max(smi_value(slot), 0)) * kWordBytes);
    go_on = visit({.index = (at - mapped) / kWordBytes,
                   .holds = value ? Holds::kTagged : Holds::kUnreadable,
                   .value = value.value_or(0)});
  }
  if (!go_on || !others) return;
  if (others->tag() == TypeTag::kFixedArray) visit_array(*others, ~uint64_t{0}, visit);
  if (others->tag() == TypeTag::kNumberDictionary) visit_dictionary(*others, visit);
}

}  // namespace corewalk::v8
