#include "inspect/reference_label.h"

#include <fmt/format.h>

#include <algorithm>

#include "v8/collections.h"
#include "v8/scope_info.h"
#include "v8/tagged.h"

namespace corewalk {

using v8::ObjectView;
using v8::TypeTag;

namespace {

constexpr uint64_t kDictionaryEntryWords = 3;

bool is_store(TypeTag tag) {
  return tag == TypeTag::kPropertyArray || tag == TypeTag::kFixedArray ||
         tag == TypeTag::kNameDictionary || tag == TypeTag::kNumberDictionary ||
         tag == TypeTag::kGlobalDictionary || tag == TypeTag::kOrderedHashMap ||
         tag == TypeTag::kOrderedHashSet || tag == TypeTag::kEphemeronHashTable ||
         tag == TypeTag::kSloppyArgumentsElements;
}

std::string property_label(const ValueReader& reader, v8::TaggedWord key) {
  const bool is_symbol =
      !v8::is_smi(key) && reader.heap().tag_of(v8::untag(key)) == TypeTag::kSymbol;
  const std::string name = reader.key_text(key);
  return is_symbol && !name.starts_with('#') ? fmt::format(".Symbol('{}')", name) : "." + name;
}

/// The named property whose value is in field `index` of the object's fields.
std::string fast_property_label(const ValueReader& reader, const ObjectView& object,
                                uint32_t index) {
  const auto map = v8::MapView::load(reader.heap(), object.map().map);
  if (!map) return {};
  for (const v8::Descriptor& descriptor : reader.properties().descriptors(*map)) {
    if (!descriptor.in_descriptor && descriptor.field_index == index) {
      return property_label(reader, descriptor.key);
    }
  }
  return {};
}

std::string own_property_label(const ValueReader& reader, const ObjectView& object,
                               uint64_t offset) {
  const auto map = v8::MapView::load(reader.heap(), object.map().map);
  const uint64_t word = offset / v8::kWordBytes;
  if (!map || word < map->in_object_start_in_words) return {};
  return fast_property_label(reader, object,
                             static_cast<uint32_t>(word - map->in_object_start_in_words));
}

std::string variable_label(const ValueReader& reader, const ObjectView& context, uint64_t offset) {
  const uint64_t first = reader.heap().layout().container.array_elements.offset();
  const auto scope_word = context.word(first);  // the first slot of every context
  if (!scope_word || v8::is_smi(*scope_word) || offset < first) return {};
  const auto scope = v8::ScopeInfoView::load(reader.heap(), v8::untag(*scope_word));
  if (!scope) return {};
  for (const auto& local : scope->locals()) {
    if (local.slot == (offset - first) / v8::kWordBytes) return "." + reader.key_text(local.name);
  }
  return {};
}

/// A property of the global object, which keeps each in a cell of its own.
std::string global_label(const ValueReader& reader, const ObjectView& cell, uint64_t offset) {
  const auto name = cell.tagged("name");
  const bool is_value = offset == reader.heap().layout().container.property_cell_value.offset();
  return is_value && name ? property_label(reader, *name) : "";
}

ReferenceLabel field_label(const ObjectView& object, uint64_t offset) {
  for (const auto* c = object.type().object_class; c != nullptr; c = c->base) {
    for (auto field = c->fields.rbegin(); field != c->fields.rend(); ++field) {
      const bool weak = field->kind == v8::FieldKind::kWeak;
      if (field->offset == offset && !field->repeats) {
        return {.text = fmt::format(".({})", field->name), .weak = weak};
      }
      if (field->repeats && field->offset <= offset) {
        const uint64_t index = (offset - field->offset) / width_of(field->kind);
        return {.text = fmt::format("[{}]", index), .weak = weak};
      }
    }
  }
  return {.text = fmt::format("+0x{:x}", offset)};
}

std::string dictionary_label(const ValueReader& reader, const ObjectView& store, uint64_t first,
                             uint64_t offset) {
  if (offset < first) return {};
  const uint64_t word = (offset - first) / v8::kWordBytes;
  const auto key =
      store.word(first + word / kDictionaryEntryWords * kDictionaryEntryWords * v8::kWordBytes);
  if (!key) return {};
  if (word % kDictionaryEntryWords == 0) return ".(key)";
  if (v8::is_smi(*key)) return fmt::format("[{}]", v8::smi_value(*key));
  return property_label(reader, *key);
}

ReferenceLabel collection_label(const ValueReader& reader, const ObjectView& owner,
                                const ObjectView& table, uint64_t offset) {
  const auto entry = v8::CollectionReader(reader.heap()).entry_word(owner, table, offset);
  if (!entry) return {};
  if (entry->is_key) {
    return {.text = " key", .weak = table.tag() == TypeTag::kEphemeronHashTable};
  }
  constexpr uint64_t kKeyUnits = 64;
  return {.text = " value of " + reader.brief(entry->key, {.string_length = kKeyUnits}).text};
}

}  // namespace

ReferenceLabel label_of(const ValueReader& reader, const ObjectView& holder, uint64_t offset) {
  if (is_store(holder.tag())) {
    ReferenceLabel label = field_label(holder, offset);
    label.in_store = true;
    return label;
  }
  std::string text;
  if (holder.is("PropertyCell")) text = global_label(reader, holder, offset);
  if (holder.tag() == TypeTag::kContext) text = variable_label(reader, holder, offset);
  if (v8::is_js_object(holder.tag())) text = own_property_label(reader, holder, offset);
  return text.empty() ? field_label(holder, offset) : ReferenceLabel{.text = std::move(text)};
}

ReferenceLabel label_in_store(const ValueReader& reader, const ObjectView& owner,
                              const ObjectView& store, uint64_t offset) {
  const v8::ContainerFields& fields = reader.heap().layout().container;
  const uint64_t first = fields.array_elements.offset();
  const uint64_t index = offset < first ? 0 : (offset - first) / v8::kWordBytes;
  const TypeTag tag = store.tag();
  std::string text;
  if (tag == TypeTag::kPropertyArray) {
    const auto map = v8::MapView::load(reader.heap(), owner.map().map);
    if (map) {
      text = fast_property_label(reader, owner,
                                 static_cast<uint32_t>(map->in_object_capacity() + index));
    }
  } else if (tag == TypeTag::kNameDictionary) {
    text = dictionary_label(reader, store, fields.name_dictionary_entries.offset(), offset);
  } else if (tag == TypeTag::kGlobalDictionary) {
    const auto word = store.word(offset);
    const auto cell =
        word ? ObjectView::at(reader.heap(), *word) : Result<ObjectView>(word.fault());
    const auto name = cell ? cell->tagged("name") : Result<v8::TaggedWord>(cell.fault());
    if (name) text = property_label(reader, *name);
  } else if (tag == TypeTag::kNumberDictionary) {
    text = dictionary_label(reader, store, fields.number_dictionary_entries.offset(), offset);
  } else if (owner.tag() == TypeTag::kJSMap || owner.tag() == TypeTag::kJSSet ||
             owner.tag() == TypeTag::kJSWeakMap || owner.tag() == TypeTag::kJSWeakSet) {
    ReferenceLabel label = collection_label(reader, owner, store, offset);
    if (!label.text.empty()) return label;
  } else if (tag == TypeTag::kFixedArray || tag == TypeTag::kSloppyArgumentsElements) {
    text = fmt::format("[{}]", index);
  }
  return text.empty() ? field_label(store, offset) : ReferenceLabel{.text = std::move(text)};
}

}  // namespace corewalk
