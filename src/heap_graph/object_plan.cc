#include "heap_graph/object_plan.h"

#include <algorithm>
#include <array>

#include "heap_graph/node_types.h"
#include "v8/object_view.h"
#include "v8/string_reader.h"

namespace corewalk {

using v8::ClassField;
using v8::FieldKind;
using v8::kWordBytes;
using v8::ObjectClass;
using v8::TypeTag;
using Kind = ObjectPlan::Kind;
using Place = ObjectPlan::Property::Place;
using Slot = ObjectPlan::Slot;

namespace {

// ElementsKind (objects/elements-kind.h; the first six are the same from V8 7.8 to 14.6). Elements
// of frozen and sealed arrays have kinds of their own, which snapshots do not look into.
constexpr uint32_t kPackedElements = 2;
constexpr uint32_t kHoleyElements = 3;
constexpr uint32_t kLastPlainKind = 5;

/// Links of lists that the collector keeps weakly (V8HeapExplorer::IsEssentialHiddenReference).
struct OmittedField {
  std::string_view class_name;
  std::string_view field;
};
constexpr std::array kOmitted{
    OmittedField{"AllocationSite", "weak_next"},
    OmittedField{"CodeDataContainer", "next_code_link"},
    OmittedField{"JSFinalizationRegistry", "next_dirty"},
};

bool is_omitted(std::string_view class_name, std::string_view field) {
  return std::any_of(kOmitted.begin(), kOmitted.end(), [&](const OmittedField& entry) {
    return entry.class_name == class_name && entry.field == field;
  });
}

/// Objects whose end is no tagged words, though no field of the layout says so.
constexpr std::array kRawTails{std::string_view("BytecodeArray"), std::string_view("Code"),
                               std::string_view("FeedbackMetadata"),
                               std::string_view("InstructionStream"),
                               std::string_view("CoverageInfo")};

/// Objects that end with tagged words, whatever the first of them is.
constexpr std::array kTaggedTails{std::string_view("ScopeInfo")};

/// Those whose elements snapshots call by number, besides FixedArrays.
constexpr std::array kIndexedTails{std::string_view("WeakFixedArray"),
                                   std::string_view("WeakArrayList"),
                                   std::string_view("DescriptorArray")};

/// Contexts whose variables snapshots name: those of declarations
/// (Context::is_declaration_context).
constexpr std::array kVariableContexts{std::string_view("FUNCTION_CONTEXT"),
                                       std::string_view("MODULE_CONTEXT"),
                                       std::string_view("SCRIPT_CONTEXT")};

template <size_t N>
bool is_any_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <size_t N>
bool is_any_of(const v8::MapInfo& map, const std::array<std::string_view, N>& class_names) {
  return std::any_of(class_names.begin(), class_names.end(),
                     [&](std::string_view name) { return is_a(map, name); });
}

/// Strings and numbers that end with characters or digits.
bool is_raw(const v8::MapInfo& map) {
  if (map.tag == TypeTag::kString) {
    const auto representation = v8::string_representation(map.instance_type);
    return representation == v8::StringRepresentation::kSequential ||
           representation == v8::StringRepresentation::kExternal;
  }
  return v8::is_free(map.tag) || map.tag == TypeTag::kByteArray ||
         map.tag == TypeTag::kFixedDoubleArray || map.tag == TypeTag::kHeapNumber ||
         map.tag == TypeTag::kBigInt;
}

Kind kind_of(const v8::MapInfo& map) {
  const TypeTag tag = map.tag;
  if (tag == TypeTag::kEphemeronHashTable) return Kind::kEphemeronTable;
  if (tag == TypeTag::kContext) return Kind::kContext;
  if (tag == TypeTag::kNativeContext) return Kind::kNativeContext;
  if (tag == TypeTag::kMap) return Kind::kMap;
  if (map.type->name == "STRING_TABLE") return Kind::kStringTable;
  if (tag == TypeTag::kString) {
    return v8::string_representation(map.instance_type) == v8::StringRepresentation::kExternal
               ? Kind::kExternalString
               : Kind::kWords;
  }
  if (is_a(map, "BytecodeArray")) return Kind::kBytecodeArray;
  if (is_a(map, "FeedbackVector")) return Kind::kFeedbackVector;
  if (tag == TypeTag::kJSArrayBuffer) return Kind::kJSArrayBuffer;
  if (tag == TypeTag::kJSFunction) return Kind::kJSFunction;
  if (tag == TypeTag::kJSBoundFunction) return Kind::kJSBoundFunction;
  // Snapshots take it for an object without properties.
  if (tag == TypeTag::kJSGlobalProxy) return Kind::kWords;
  return v8::is_js_object(tag) ? Kind::kJSObject : Kind::kWords;
}

Slot& slot_at(ObjectPlan& plan, uint64_t offset) {
  const uint64_t word = offset / kWordBytes;
  if (plan.slots.size() <= word) plan.slots.resize(word + 1);
  return plan.slots[word];
}

bool has_properties(Kind kind) {
  return kind == Kind::kJSObject || kind == Kind::kJSFunction || kind == Kind::kJSBoundFunction;
}

}  // namespace

ObjectPlanner::ObjectPlanner(const ObjectIndex& index)
    : index_(index),
      heap_(index.heap()),
      layout_(index.heap().layout()),
      properties_(index.heap()) {}

void ObjectPlanner::decide(const v8::MapInfo& map, ObjectPlan& plan) const {
  plan.decided = true;
  plan.kind = kind_of(map);
  plan.node_type = node_type_of(map);
  plan.slots.resize(1);
  plan.slots.front().raw = true;  // the map is a constant
  plan.tail_is_raw = is_raw(map);
  if (!plan.tail_is_raw) plan_fields(map, plan);
  // The length of an array whose class this version's layout does not know.
  if (is_fixed_array(map)) slot_at(plan, kWordBytes).raw = true;
  const auto view = v8::MapView::load(heap_, map.map);
  if (view && has_properties(plan.kind)) {
    plan_properties(*view, plan);
    add_constant(plan, EdgeKind::kProperty, EdgeName::of_text("__proto__"), view->prototype);
  }
  if (plan.kind == Kind::kJSFunction) plan_function(map, plan);
  if (plan.kind == Kind::kMap) plan_map(map, plan);
  const ClassField* arguments = v8::Layout::field(map.type->object_class, "bound_arguments");
  if (arguments != nullptr) plan.bound_arguments = arguments->offset;
  const ClassField* constants = v8::Layout::field(map.type->object_class, "constant_pool");
  if (constants != nullptr) plan.constant_pool = constants->offset;
  plan.names_variables = is_any_of(map.type->name, kVariableContexts);
  plan.is_array = map.tag == TypeTag::kJSArray;
  add_constant(plan, EdgeKind::kInternal, EdgeName::of_text("map"), v8::tag(map.map));
  for (size_t i = 0; i < std::min<size_t>(plan.slots.size(), 64); ++i) {
    if (!plan.slots[i].raw && !plan.slots[i].omitted) plan.first_words |= uint64_t{1} << i;
  }
}

void ObjectPlanner::plan_fields(const v8::MapInfo& map, ObjectPlan& plan) const {
  const ObjectClass* object_class = map.type->object_class;
  // Fields of a derived class hide those of its bases in the same place.
  std::vector<const ObjectClass*> chain;
  for (const auto* c = object_class; c != nullptr; c = c->base) chain.push_back(c);
  for (auto c = chain.rbegin(); c != chain.rend(); ++c) {
    const auto& fields = (*c)->fields;
    for (auto at = fields.begin(); at != fields.end(); ++at) {
      const ClassField& field = *at;
      if (field.offset == 0) continue;
      // Layouts may have a second name for a field.
      const auto is_same = [&](const ClassField& one) {
        return one.offset == field.offset && one.repeats == field.repeats;
      };
      if (std::find_if(fields.begin(), at, is_same) != at) continue;
      const bool tagged = field.kind == FieldKind::kTagged || field.kind == FieldKind::kWeak;
      if (field.repeats) {
        slot_at(plan, field.offset - kWordBytes);  // the last before the tail
        plan.tail_is_raw = !tagged;
        if (plan.first_element == 0) plan.first_element = field.offset / kWordBytes;
        continue;
      }
      Slot slot{.raw = !tagged, .omitted = is_omitted((*c)->name, field.name), .name = {}};
      if (const NamedField* named = named_field((*c)->name, field.name)) {
        slot.tag = named->tag;
        slot.weak = named->type == EdgeKind::kWeak;
        if (slot.weak && layout_.has(v8::Feature::kSnapshotHidesWeakRefs)) {
          slot_at(plan, field.offset) = slot;
          continue;
        }
        slot.type = named->type;
        slot.name = EdgeName::of_text(named->edge_name);
      }
      slot_at(plan, field.offset) = slot;
    }
  }
  plan.tail_is_raw =
      (plan.tail_is_raw || is_any_of(map, kRawTails)) && !is_any_of(map, kTaggedTails);
  plan.tail_is_indexed = is_fixed_array(map) || is_any_of(map, kIndexedTails);
  if (!plan.tail_is_indexed || plan.first_element == 0) return;
  // Tables have fields of their own in front of their entries: these have numbers as well.
  for (uint64_t i = plan.first_element; i < plan.slots.size(); ++i) {
    plan.slots[i].type = EdgeKind::kInternal;
    plan.slots[i].name = EdgeName::of_index(i - plan.first_element);
  }
}

void ObjectPlanner::plan_function(const v8::MapInfo& map, ObjectPlan& plan) const {
  const ObjectClass* object_class = map.type->object_class;
  const ClassField* handle = v8::Layout::field(object_class, "dispatch_handle");
  if (handle != nullptr) plan.dispatch_handle = handle->offset;
  const ClassField* prototype = v8::Layout::field(object_class, "prototype_or_initial_map");
  // Later versions have a class of its own for functions with a prototype, but not always a type.
  const auto with_prototype = layout_.classes.find("JSFunctionWithPrototype");
  if (prototype == nullptr && with_prototype != layout_.classes.end()) {
    prototype = v8::Layout::field(&with_prototype->second, "prototype_or_initial_map");
  }
  const auto view = v8::MapView::load(heap_, map.map);
  if (prototype == nullptr || !view) return;
  // The field is the last before the function's own properties, if it is there.
  if (view->in_object_start_in_words * kWordBytes <= prototype->offset) return;
  plan.prototype_or_map = prototype->offset;
  slot_at(plan, prototype->offset).omitted = true;  // two names: see EdgeReader
}

void ObjectPlanner::plan_map(const v8::MapInfo& map, ObjectPlan& plan) const {
  const ClassField* transitions =
      v8::Layout::field(map.type->object_class, "transitions_or_prototype_info");
  const ClassField* constructor =
      v8::Layout::field(map.type->object_class, "constructor_or_back_pointer");
  if (transitions == nullptr || constructor == nullptr) return;
  // What they are called depends on what they refer to: see EdgeReader.
  plan.transitions = transitions->offset;
  plan.constructor = constructor->offset;
  slot_at(plan, transitions->offset).omitted = true;
  slot_at(plan, constructor->offset).omitted = true;
}

EdgeKind ObjectPlanner::property_type(v8::TaggedWord key) const {
  const auto length = v8::StringReader(heap_).length(v8::untag(key));
  const bool is_symbol = heap_.tag_of(v8::untag(key)) == TypeTag::kSymbol;
  return is_symbol || length.value_or(1) != 0 ? EdgeKind::kProperty : EdgeKind::kInternal;
}

void ObjectPlanner::plan_properties(const v8::MapView& map, ObjectPlan& plan) const {
  const auto bits2 = heap_.read(map.map, layout_.map.bit_field2, "map");
  const uint32_t elements =
      layout_.decode_bits("Map.bit_field2.elements_kind", bits2.value_or(0)).value_or(0);
  plan.has_object_elements = elements == kPackedElements || elements == kHoleyElements;
  plan.may_have_dictionary = elements > kLastPlainKind;
  plan.is_dictionary = map.is_dictionary_map;
  if (plan.slots.size() < map.instance_size_in_words) {
    plan.slots.resize(map.instance_size_in_words);
  }
  const uint32_t in_object = map.in_object_capacity();
  for (const v8::Descriptor& descriptor : properties_.descriptors(map)) {
    if (descriptor.in_descriptor) {
      const auto first = static_cast<uint32_t>(plan.constants.size());
      if (descriptor.is_accessor) {
        add_accessor(plan, descriptor);
      } else {
        add_constant(plan, property_type(descriptor.key), EdgeName::of_key(descriptor.key),
                     descriptor.value);
      }
      for (uint32_t i = first; i < plan.constants.size(); ++i) {
        plan.properties.push_back({.place = Place::kConstant, .index = i});
      }
      continue;
    }
    const uint32_t index = descriptor.field_index;
    if (index >= in_object) {
      if (descriptor.is_double) continue;
      plan.has_outer_properties = true;
      plan.properties.push_back({.place = Place::kPropertyArray,
                                 .index = index - in_object,
                                 .type = property_type(descriptor.key),
                                 .key = descriptor.key});
      continue;
    }
    Slot& slot = plan.slots[map.in_object_start_in_words + index];
    if (descriptor.is_double) {
      slot.raw = layout_.has(v8::Feature::kUnboxedDoubleFields);
      continue;
    }
    slot = {.omitted = true, .name = {}};
    plan.properties.push_back({.place = Place::kObject,
                               .index = map.in_object_start_in_words + index,
                               .type = property_type(descriptor.key),
                               .key = descriptor.key});
  }
  plan.property_constants = plan.constants.size();
}

void ObjectPlanner::add_accessor(ObjectPlan& plan, const v8::Descriptor& descriptor) const {
  const auto pair = v8::ObjectView::at(heap_, descriptor.value);
  if (!pair || !pair->is("AccessorPair")) return;
  add_constant(plan, property_type(descriptor.key), EdgeName::of_key(descriptor.key),
               descriptor.value);
  const auto add = [&](const char* field, EdgeName::Kind kind) {
    const auto function = pair->object(field);
    if (!function || function->tag() == TypeTag::kOddball) return;
    add_constant(plan, EdgeKind::kProperty, {kind, descriptor.key, {}},
                 v8::tag(function->address()));
  };
  add("getter", EdgeName::Kind::kGetter);
  add("setter", EdgeName::Kind::kSetter);
}

void ObjectPlanner::add_constant(ObjectPlan& plan, EdgeKind type, const EdgeName& name,
                                 v8::TaggedWord target) const {
  if (v8::is_smi(target)) return;
  const ObjectNumber number = index_.find(v8::untag(target));
  if (number != kNoObject) plan.constants.push_back({type, name, number});
}

}  // namespace corewalk
