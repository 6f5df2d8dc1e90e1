#pragma once

#include <algorithm>
#include <cstring>
#include <optional>

#include "heap_graph/object_facts.h"
#include "heap_graph/object_plan.h"
#include "heap_graph/scope_cache.h"
#include "heap_graph/word_reader.h"
#include "v8/collections.h"

namespace corewalk {

/// Finds the references of one object after the other, and shows them to a sink as edges between
/// numbers of an ObjectIndex:
///
///     static constexpr bool kWeak;   // wants weak edges too
///     static constexpr bool kNamed;  // wants to know variables by name
///     void edge(EdgeKind, const EdgeName&, ObjectNumber target);
///     // A reference that is weak to the collector and strong to the snapshot.
///     void late_edge(EdgeKind, const EdgeName&, ObjectNumber target);
///     // An edge that distances leave out.
///     void unmeasured_edge(EdgeKind, const EdgeName&, ObjectNumber target);
///     void ephemeron(ObjectNumber key, ObjectNumber value);  // of the table at hand
///     void tag(ObjectNumber target, NodeTagNumber);  // what the object says of another
///     void store(uint64_t address, uint64_t bytes);  // memory outside of the heap
///
/// The edges are those of V8's heap snapshot (V8HeapExplorer::ExtractReferences and
/// IndexedReferencesExtractor, profiler/heap-snapshot-generator.cc): each word that refers to an
/// object, and what the snapshot derives: prototypes, properties and elements that lie in stores.
/// Not thread-safe; reads nothing outside of the pages.
template <class Sink>
class EdgeReader : public WordReader<Sink> {
  using Base = WordReader<Sink>;

 public:
  using typename Base::Maps;

  EdgeReader(const ObjectIndex& index, const ObjectFacts& facts, const ObjectPlanner& planner,
             Maps& maps, Sink& sink)
      : Base(index, facts, maps, sink),
        layout_(index.heap().layout()),
        planner_(planner),
        scopes_(index.heap()) {}

  /// Shows the edges of the object of `size` bytes at `bytes`.
  void read(Maps::Entry& map, uint64_t size, const std::byte* bytes) {
    ObjectPlan& plan = map.data;
    if (!plan.decided) planner_.decide(map.info, plan);
    this->begin_object();
    switch (plan.kind) {
      case ObjectPlan::Kind::kEphemeronTable:
        read_constants(plan);
        read_slots(plan, std::min(size, table_start()), bytes);
        read_ephemerons(size, bytes);
        return;
      case ObjectPlan::Kind::kJSFunction:
        read_properties(plan, size, bytes);
        read_prototype(plan, size, bytes);
        read_code(plan, size, bytes);
        break;
      case ObjectPlan::Kind::kJSBoundFunction:
        read_properties(plan, size, bytes);
        read_arguments(plan, size, bytes);
        break;
      case ObjectPlan::Kind::kJSObject:
        read_properties(plan, size, bytes);
        break;
      case ObjectPlan::Kind::kJSArrayBuffer:
        read_store(size, bytes);
        break;
      case ObjectPlan::Kind::kStringTable:
        read_constants(plan);
        read_string_table(size, bytes);
        return;
      case ObjectPlan::Kind::kBytecodeArray:
        tag_constants(word_at(bytes, size, plan.constant_pool), kConstantPoolDepth);
        break;
      case ObjectPlan::Kind::kFeedbackVector:
        tag_feedback(plan, size, bytes);
        break;
      case ObjectPlan::Kind::kContext:
        read_constants(plan);
        read_context(plan, size, bytes);
        return;
      case ObjectPlan::Kind::kNativeContext:
        read_constants(plan);
        read_native_context(size, bytes);
        return;
      case ObjectPlan::Kind::kMap:
        read_map(plan, size, bytes);
        break;
      case ObjectPlan::Kind::kExternalString:
      case ObjectPlan::Kind::kWords:
        break;
    }
    read_constants(plan);
    read_slots(plan, size, bytes);
  }

  /// Shows those of the object at an address, and returns its hidden class; null if no object can
  /// be read there.
  [[nodiscard]] const v8::MapInfo* read_at(Address address) {
    const auto found = object_at(address);
    if (!found) return nullptr;
    read(*found->map, found->size, found->bytes);
    return &found->map->info;
  }

 private:
  using Base::derive;
  using Base::facts_;
  using Base::find;
  using Base::object_at;
  using Base::read_word;
  using Base::sink_;
  using Base::store_at;
  using Base::word_at;
  using typename Base::Store;

  static constexpr uint64_t kEntryBytes = 3 * v8::kWordBytes;  // of dictionaries

  void read_slots(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    const uint64_t words = size / v8::kWordBytes;
    const uint64_t slots = std::min<uint64_t>(words, plan.slots.size());
    uint64_t mask = plan.first_words;
    if (slots < 64) mask &= (uint64_t{1} << slots) - 1;
    for (; mask != 0; mask &= mask - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(mask));
      read_slot(plan.slots[i], word_at(bytes, size, i * v8::kWordBytes));
    }
    for (uint64_t i = 64; i < slots; ++i) {
      const ObjectPlan::Slot& slot = plan.slots[i];
      if (!slot.raw && !slot.omitted) read_slot(slot, word_at(bytes, size, i * v8::kWordBytes));
    }
    if (plan.tail_is_raw) return;
    const EdgeKind type = plan.tail_is_indexed ? EdgeKind::kInternal : EdgeKind::kHidden;
    const uint64_t first = plan.first_element == 0 ? slots : plan.first_element;
    for (uint64_t i = slots; i < words; ++i) {
      read_word(type, EdgeName::of_index(i - first), word_at(bytes, size, i * v8::kWordBytes));
    }
  }

  void read_slot(const ObjectPlan::Slot& slot, v8::TaggedWord word) {
    const ObjectNumber target = read_word(slot.type, slot.name, word, slot.weak);
    if (slot.tag != kNoTag && target != kNoObject) sink_.tag(target, slot.tag);
  }

  /// What is the same for all objects of the map, but for properties.
  void read_constants(const ObjectPlan& plan) {
    for (size_t i = plan.property_constants; i < plan.constants.size(); ++i) {
      read_constant(plan.constants[i]);
    }
  }
  void read_constant(const ObjectPlan::Constant& constant) {
    if (constant.type == EdgeKind::kProperty || facts_.is_essential(constant.target)) {
      sink_.edge(constant.type, constant.name, constant.target);
    }
  }

  void read_properties(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    std::optional<Store> outer;
    if (plan.has_outer_properties) {
      outer = store_at(word_at(bytes, size, properties_offset()));
      if (outer && outer->tag != v8::TypeTag::kPropertyArray) outer.reset();
    }
    for (const ObjectPlan::Property& property : plan.properties) {
      const EdgeName name = EdgeName::of_key(property.key);
      switch (property.place) {
        case ObjectPlan::Property::Place::kObject:
          read_word(property.type, name, word_at(bytes, size, property.index * v8::kWordBytes));
          break;
        case ObjectPlan::Property::Place::kPropertyArray:
          if (outer) {
            read_word(property.type, name,
                      word_at(outer->bytes, outer->size,
                              array_start() + property.index * v8::kWordBytes));
          }
          break;
        case ObjectPlan::Property::Place::kConstant:
          read_constant(plan.constants[property.index]);
          break;
      }
    }
    if (plan.is_dictionary) {
      if (const auto store = store_at(word_at(bytes, size, properties_offset()))) {
        read_dictionary(*store);
      }
    }
    if (plan.has_object_elements || plan.may_have_dictionary) read_elements(plan, size, bytes);
  }

  [[nodiscard]] uint64_t properties_offset() const {
    return layout_.object.properties_or_hash.offset();
  }
  [[nodiscard]] uint64_t array_start() const { return layout_.container.array_elements.offset(); }

  void read_dictionary(const Store& store) {
    if (!derive(store.size / v8::kWordBytes)) return;
    if (store.tag == v8::TypeTag::kGlobalDictionary) {
      for (uint64_t at = layout_.container.global_dictionary_entries.offset(); at < store.size;
           at += v8::kWordBytes) {
        read_cell(word_at(store.bytes, store.size, at));
      }
    }
    if (store.tag != v8::TypeTag::kNameDictionary) return;
    for (uint64_t at = layout_.container.name_dictionary_entries.offset();
         at + kEntryBytes <= store.size; at += kEntryBytes) {
      const v8::TaggedWord key = word_at(store.bytes, store.size, at);
      if (v8::is_smi(key) || !facts_.is_essential(find(key))) continue;
      const v8::TaggedWord details = word_at(store.bytes, store.size, at + 2 * v8::kWordBytes);
      read_property(key, word_at(store.bytes, store.size, at + v8::kWordBytes), details);
    }
  }

  void read_cell(v8::TaggedWord word) {
    const auto cell = store_at(word);
    if (!cell || !facts_.cell_fields().known) return;
    const ObjectFacts::CellFields& fields = facts_.cell_fields();
    const v8::TaggedWord key = word_at(cell->bytes, cell->size, fields.name);
    if (v8::is_smi(key) || find(key) == kNoObject) return;
    read_property(key, word_at(cell->bytes, cell->size, fields.value),
                  word_at(cell->bytes, cell->size, fields.details));
  }

  /// A property in a dictionary.
  void read_property(v8::TaggedWord key, v8::TaggedWord value, v8::TaggedWord details) {
    const bool is_accessor =
        layout_.bits.details_kind.decode(static_cast<uint32_t>(v8::smi_value(details))) != 0;
    if (!is_accessor) {
      read_word(EdgeKind::kProperty, EdgeName::of_key(key), value);
      return;
    }
    const auto pair = store_at(value);
    if (!pair || !facts_.is_accessor_pair(value)) return;
    read_word(EdgeKind::kProperty, EdgeName::of_key(key), value);
    read_accessor(EdgeName::Kind::kGetter, key, word_at(pair->bytes, pair->size, v8::kWordBytes));
    read_accessor(EdgeName::Kind::kSetter, key,
                  word_at(pair->bytes, pair->size, 2 * v8::kWordBytes));
  }
  void read_accessor(EdgeName::Kind kind, v8::TaggedWord key, v8::TaggedWord function) {
    if (v8::is_smi(function)) return;
    const ObjectNumber target = find(function);
    if (target == kNoObject || !facts_.is_essential(target)) return;
    sink_.edge(EdgeKind::kProperty, {kind, key, {}}, target);
  }

  void read_elements(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    const v8::TaggedWord word = word_at(bytes, size, layout_.object.elements.offset());
    if (facts_.is_empty_array(word)) return;
    const auto store = store_at(word);
    if (!store) return;
    if (store->tag == v8::TypeTag::kFixedArray && plan.has_object_elements) {
      uint64_t length = (store->size - array_start()) / v8::kWordBytes;
      const v8::TaggedWord array_length =
          plan.is_array ? word_at(bytes, size, layout_.object.array_length.offset()) : ~uint64_t{0};
      if (v8::is_smi(array_length)) {
        length = std::min(length, static_cast<uint64_t>(std::max(v8::smi_value(array_length), 0)));
      }
      if (!derive(length)) return;
      for (uint64_t i = 0; i < length; ++i) {
        const v8::TaggedWord element =
            word_at(store->bytes, store->size, array_start() + i * v8::kWordBytes);
        if (!facts_.is_hole(element)) read_word(EdgeKind::kElement, EdgeName::of_index(i), element);
      }
    }
    if (store->tag == v8::TypeTag::kNumberDictionary) read_number_dictionary(*store);
  }

  void read_number_dictionary(const Store& store) {
    if (!derive(store.size / v8::kWordBytes)) return;
    for (uint64_t at = layout_.container.number_dictionary_entries.offset();
         at + kEntryBytes <= store.size; at += kEntryBytes) {
      const v8::TaggedWord key = word_at(store.bytes, store.size, at);
      if (!v8::is_smi(key) && !facts_.is_essential(find(key))) continue;
      const uint64_t index =
          v8::is_smi(key) ? static_cast<uint32_t>(v8::smi_value(key)) : large_index(key);
      read_word(EdgeKind::kElement, EdgeName::of_index(index),
                word_at(store.bytes, store.size, at + v8::kWordBytes));
    }
  }
  uint64_t large_index(v8::TaggedWord key) const {
    const auto value =
        this->heap_.template read<double>(v8::untag(key), v8::kWordBytes, "element index");
    constexpr double kLimit = 4294967296;
    return value && *value >= 0 && *value < kLimit ? static_cast<uint64_t>(*value) : 0;
  }

  [[nodiscard]] uint64_t table_start() const { return v8::hash_entries_offset(layout_); }

  void read_ephemerons(uint64_t size, const std::byte* bytes) {
    for (uint64_t at = table_start(); at + 2 * v8::kWordBytes <= size; at += 2 * v8::kWordBytes) {
      const v8::TaggedWord key = word_at(bytes, size, at);
      const v8::TaggedWord value = word_at(bytes, size, at + v8::kWordBytes);
      const uint64_t index = (at - array_start()) / v8::kWordBytes;
      read_word(EdgeKind::kWeak, EdgeName::of_index(index), key);
      read_word(EdgeKind::kWeak, EdgeName::of_index(index + 1), value);
      if (v8::is_smi(key) || v8::is_smi(value)) continue;
      const ObjectNumber from = find(key);
      const ObjectNumber to = find(value);
      if (from == kNoObject || to == kNoObject || !facts_.is_essential(from)) continue;
      sink_.ephemeron(from, to);
    }
  }

  void read_map(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    if (plan.transitions == 0) return;
    const auto name_of = [&](v8::TaggedWord word, bool is_transition) -> std::string_view {
      const auto target = store_at(v8::is_weak(word) ? word ^ kWeakBit : word);
      const std::string_view type = target ? std::string_view(target->type->name) : "";
      const bool is_map = target && target->tag == v8::TypeTag::kMap;
      if (is_transition) {
        if (type == "TRANSITION_ARRAY") return "transitions";
        return is_map ? "transition" : "prototype_info";
      }
      if (is_map) return "back_pointer";
      if (type == "NATIVE_CONTEXT") return "native_context";
      return type == "FUNCTION_TEMPLATE_INFO" ? "constructor_function_data" : "constructor";
    };
    const v8::TaggedWord transitions = word_at(bytes, size, plan.transitions);
    const v8::TaggedWord constructor = word_at(bytes, size, plan.constructor);
    read_word(EdgeKind::kInternal,
              EdgeName::of_text(Sink::kNamed ? name_of(transitions, true) : ""), transitions);
    read_word(EdgeKind::kInternal,
              EdgeName::of_text(Sink::kNamed ? name_of(constructor, false) : ""), constructor);
  }
  static constexpr v8::TaggedWord kWeakBit = 2;

  // Context::SCOPE_INFO_INDEX, PREVIOUS_INDEX, EXTENSION_INDEX (objects/contexts.h).
  static constexpr uint64_t kScopeInfoSlot = 0;
  static constexpr uint64_t kPreviousSlot = 1;
  static constexpr uint64_t kExtensionSlot = 2;

  [[nodiscard]] uint64_t context_slots(uint64_t size) const {
    return size < array_start() ? 0 : (size - array_start()) / v8::kWordBytes;
  }
  [[nodiscard]] v8::TaggedWord context_slot(const std::byte* bytes, uint64_t size,
                                            uint64_t slot) const {
    return word_at(bytes, size, array_start() + slot * v8::kWordBytes);
  }

  void read_context(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    const ScopeCache::Scope& scope =
        scopes_.of(Sink::kNamed ? context_slot(bytes, size, kScopeInfoSlot) : 0);
    const bool is_named = plan.names_variables || scope.is_declaration;
    const uint64_t slots = context_slots(size);
    for (uint64_t i = 0; i < slots; ++i) {
      const v8::TaggedWord word = context_slot(bytes, size, i);
      const auto local = std::find_if(scope.locals.begin(), scope.locals.end(),
                                      [&](const auto& one) { return one.slot == i; });
      if (is_named && local != scope.locals.end()) {
        read_word(EdgeKind::kContext, EdgeName::of_key(local->name), word);
      } else if (i == kScopeInfoSlot) {
        read_word(EdgeKind::kInternal, EdgeName::of_text("scope_info"), word);
      } else if (i == kPreviousSlot) {
        read_word(EdgeKind::kInternal, EdgeName::of_text("previous"), word);
      } else if (i == kExtensionSlot && scope.has_extension) {
        read_word(EdgeKind::kInternal, EdgeName::of_text("extension"), word);
      } else if (i > kExtensionSlot && i < layout_.numbers.context_min_slots) {
        read_word(EdgeKind::kInternal, EdgeName::of_text("native_context"), word);
      } else {
        read_word(EdgeKind::kHidden, {}, word);
      }
    }
  }

  void read_native_context(uint64_t size, const std::byte* bytes) {
    // The last word is a pointer of C++, microtask_queue.
    const uint64_t slots = std::max<uint64_t>(context_slots(size), 1) - 1;
    const uint64_t weak = std::min(slots, layout_.numbers.native_context_weak_slots);
    // Patch releases have added slots.
    const uint64_t sloppy_function_map = slots - weak == layout_.numbers.native_context_slots
                                             ? layout_.numbers.native_context_sloppy_function_map
                                             : 0;
    for (uint64_t i = 0; i + weak < slots; ++i) {
      const v8::TaggedWord word = context_slot(bytes, size, i);
      if (i != 0 && i == sloppy_function_map) {
        // Chrome DevTools looks past it: every function has a way here.
        const ObjectNumber map = v8::is_strong(word) ? find(word) : kNoObject;
        if (map != kNoObject && facts_.is_essential(map)) {
          sink_.unmeasured_edge(EdgeKind::kInternal, EdgeName::of_text("sloppy_function_map"), map);
        }
      } else {
        const std::string_view name =
            Sink::kNamed ? facts_.native_context_slot(i, slots - weak) : "";
        read_word(EdgeKind::kInternal,
                  name.empty() ? EdgeName::of_index(i) : EdgeName::of_text(name), word);
      }
    }
  }

  /// `prototype` of a function that has made objects lies in the Map of these.
  void read_prototype(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    if (plan.prototype_or_map == 0) return;
    const v8::TaggedWord word = word_at(bytes, size, plan.prototype_or_map);
    const auto map = facts_.is_hole(word) ? std::nullopt : store_at(word);
    if (!map) return;
    if (map->tag != v8::TypeTag::kMap) {
      read_word(EdgeKind::kProperty, EdgeName::of_text("prototype"), word);
      return;
    }
    read_word(EdgeKind::kProperty, EdgeName::of_text("prototype"),
              word_at(map->bytes, map->size, layout_.map.prototype.offset()));
    read_word(EdgeKind::kInternal, EdgeName::of_text("initial_map"), word);
  }

  void read_store(uint64_t size, const std::byte* bytes) {
    const uint64_t length = word_at(bytes, size, layout_.buffer.byte_length.offset());
    // More is damage, and sums of it would not fit their numbers.
    constexpr uint64_t kMostBytes = uint64_t{1} << 43;
    sink_.store(word_at(bytes, size, layout_.buffer.backing_store.offset()),
                length <= kMostBytes ? length : 0);
  }

  void read_arguments(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    const auto store = plan.bound_arguments == 0
                           ? std::nullopt
                           : store_at(word_at(bytes, size, plan.bound_arguments));
    if (!store || store->tag != v8::TypeTag::kFixedArray) return;
    if (!derive(store->size / v8::kWordBytes)) return;
    for (uint64_t at = array_start(); at < store->size; at += v8::kWordBytes) {
      read_word(EdgeKind::kShortcut,
                {EdgeName::Kind::kArgument, (at - array_start()) / v8::kWordBytes, {}},
                word_at(store->bytes, store->size, at));
    }
  }

  void read_code(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    if (plan.dispatch_handle == 0 || plan.dispatch_handle + sizeof(uint32_t) > size) return;
    uint32_t handle = 0;
    std::memcpy(&handle, bytes + plan.dispatch_handle, sizeof handle);
    read_word(EdgeKind::kInternal, EdgeName::of_text("code"), facts_.code_of(handle));
  }

  /// The collector clears the table of what nothing else holds; the snapshot lists its elements.
  void read_string_table(uint64_t size, const std::byte* bytes) {
    for (uint64_t at = array_start(); at < size; at += v8::kWordBytes) {
      const v8::TaggedWord word = word_at(bytes, size, at);
      const ObjectNumber target = v8::is_strong(word) ? find(word) : kNoObject;
      if (target == kNoObject || !facts_.is_essential(target)) continue;
      sink_.late_edge(EdgeKind::kInternal,
                      EdgeName::of_index((at - array_start()) / v8::kWordBytes), target);
    }
  }

  /// Constants of code that are arrays themselves (RecursivelyTagConstantPool).
  void tag_constants(v8::TaggedWord word, unsigned depth) {
    const auto store = derive(1) ? store_at(word) : std::nullopt;
    if (!store || !facts_.is_constant_pool(store->type)) return;
    const ObjectNumber target = find(word);
    if (target == kNoObject || !facts_.is_essential(target)) return;
    sink_.tag(target, kConstantPoolTag);
    if (depth == 1 || store->tag == v8::TypeTag::kNameDictionary ||
        store->tag == v8::TypeTag::kNumberDictionary)
      return;
    for (uint64_t at = array_start(); at < store->size; at += v8::kWordBytes) {
      tag_constants(word_at(store->bytes, store->size, at), depth - 1);
    }
  }

  void tag_feedback(const ObjectPlan& plan, uint64_t size, const std::byte* bytes) {
    for (uint64_t at = plan.slots.size() * v8::kWordBytes; at < size; at += v8::kWordBytes) {
      const v8::TaggedWord word = word_at(bytes, size, at);
      const auto store = store_at(word);
      if (!store || !facts_.is_feedback(store->type)) continue;
      const ObjectNumber target = find(word);
      if (target != kNoObject && facts_.is_essential(target)) sink_.tag(target, kFeedbackTag);
    }
  }

  static constexpr unsigned kConstantPoolDepth = 3;
  const v8::Layout& layout_;
  const ObjectPlanner& planner_;
  ScopeCache scopes_;
};

}  // namespace corewalk
