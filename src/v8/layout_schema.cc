#include "v8/layout_schema.h"

#include <array>

namespace corewalk::v8 {
namespace {

// The symbol is left empty where some version's value is stale or means something else
// (docs/v8-facts.md, "post-mortem symbols").
constexpr FieldSpec kFields[] = {
    {"Chunk.flags", [](Layout& l) -> FieldOffset& { return l.page.flags; }, ""},
    {"Chunk.metadata", [](Layout& l) -> FieldOffset& { return l.page.metadata; }, ""},
    {"Page.size", [](Layout& l) -> FieldOffset& { return l.page.size; }, ""},
    {"Page.area_start", [](Layout& l) -> FieldOffset& { return l.page.area_start; }, ""},
    {"Page.area_end", [](Layout& l) -> FieldOffset& { return l.page.area_end; }, ""},
    {"Page.heap", [](Layout& l) -> FieldOffset& { return l.page.heap; }, ""},
    {"Page.owner", [](Layout& l) -> FieldOffset& { return l.page.owner; }, ""},
    {"Page.chunk", [](Layout& l) -> FieldOffset& { return l.page.chunk; }, ""},
    {"Page.allocated_bytes", [](Layout& l) -> FieldOffset& { return l.page.allocated_bytes; }, ""},
    {"Page.list_next", [](Layout& l) -> FieldOffset& { return l.page.list_next; }, ""},
    {"Page.more_flags", [](Layout& l) -> FieldOffset& { return l.page.more_flags; }, ""},
    {"Page.sweeping_state", [](Layout& l) -> FieldOffset& { return l.page.sweeping_state; }, ""},
    {"Heap.main_local_heap", [](Layout& l) -> FieldOffset& { return l.local_heap.main; }, ""},
    {"LocalHeap.prev", [](Layout& l) -> FieldOffset& { return l.local_heap.prev; }, ""},
    {"LocalHeap.next", [](Layout& l) -> FieldOffset& { return l.local_heap.next; }, ""},
    {"Space.heap", [](Layout& l) -> FieldOffset& { return l.space.heap; }, ""},
    {"Space.id", [](Layout& l) -> FieldOffset& { return l.space.id; }, ""},
    {"Isolate.self", [](Layout& l) -> FieldOffset& { return l.isolate.self; }, ""},
    {"Isolate.roots", [](Layout& l) -> FieldOffset& { return l.isolate.roots; }, ""},
    {"Isolate.heap", [](Layout& l) -> FieldOffset& { return l.isolate.heap; }, ""},

    {"Map.instance_size_in_words",
     [](Layout& l) -> FieldOffset& { return l.map.instance_size_in_words; },
     "v8dbg_class_Map__instance_size_in_words__"},
    {"Map.in_object_start_or_constructor_index",
     [](Layout& l) -> FieldOffset& { return l.map.in_object_start_or_constructor_index; },
     "v8dbg_class_Map__inobject_properties_start_or_constructor_function_index__"},
    {"Map.instance_type", [](Layout& l) -> FieldOffset& { return l.map.instance_type; },
     "v8dbg_class_Map__instance_type__"},
    {"Map.bit_field2", [](Layout& l) -> FieldOffset& { return l.map.bit_field2; },
     "v8dbg_class_Map__bit_field2__"},
    {"Map.bit_field3", [](Layout& l) -> FieldOffset& { return l.map.bit_field3; },
     "v8dbg_class_Map__bit_field3__"},
    {"Map.prototype", [](Layout& l) -> FieldOffset& { return l.map.prototype; },
     "v8dbg_class_Map__prototype__"},
    {"Map.constructor_or_back_pointer",
     [](Layout& l) -> FieldOffset& { return l.map.constructor_or_back_pointer; },
     "v8dbg_class_Map__constructor_or_back"},
    {"Map.instance_descriptors",
     [](Layout& l) -> FieldOffset& { return l.map.instance_descriptors; },
     "v8dbg_class_Map__instance_descriptors__"},

    {"JSObject.properties_or_hash",
     [](Layout& l) -> FieldOffset& { return l.object.properties_or_hash; },
     "v8dbg_class_JSReceiver__raw_properties_or_hash__"},
    {"JSObject.elements", [](Layout& l) -> FieldOffset& { return l.object.elements; },
     "v8dbg_class_JSObject__elements__"},
    {"JSArray.length", [](Layout& l) -> FieldOffset& { return l.object.array_length; },
     "v8dbg_class_JSArray__length__"},
    {"JSCollection.table", [](Layout& l) -> FieldOffset& { return l.object.collection_table; }, ""},
    {"JSPrimitiveWrapper.value", [](Layout& l) -> FieldOffset& { return l.object.wrapper_value; },
     ""},

    {"JSArrayBuffer.byte_length", [](Layout& l) -> FieldOffset& { return l.buffer.byte_length; },
     "v8dbg_class_JSArrayBuffer__byte_length__"},
    {"JSArrayBuffer.backing_store",
     [](Layout& l) -> FieldOffset& { return l.buffer.backing_store; },
     "v8dbg_class_JSArrayBuffer__backing_store__"},
    {"JSArrayBuffer.bit_field", [](Layout& l) -> FieldOffset& { return l.buffer.bit_field; }, ""},

    {"JSFunction.shared", [](Layout& l) -> FieldOffset& { return l.function.shared; },
     "v8dbg_class_JSFunction__shared__"},
    {"SharedFunctionInfo.name_or_scope_info",
     [](Layout& l) -> FieldOffset& { return l.function.name_or_scope_info; },
     "v8dbg_class_SharedFunctionInfo__name_or_scope_info__"},
    {"SharedFunctionInfo.function_data",
     [](Layout& l) -> FieldOffset& { return l.function.function_data; }, ""},
    {"UncompiledData.inferred_name",
     [](Layout& l) -> FieldOffset& { return l.function.uncompiled_inferred_name; }, ""},
    {"FunctionTemplateInfo.class_name",
     [](Layout& l) -> FieldOffset& { return l.function.template_class_name; }, ""},

    {"String.hash", [](Layout& l) -> FieldOffset& { return l.string.hash; }, ""},
    {"String.length", [](Layout& l) -> FieldOffset& { return l.string.length; },
     "v8dbg_class_String__length__"},
    {"SeqString.chars", [](Layout& l) -> FieldOffset& { return l.string.sequential_chars; },
     "v8dbg_class_SeqOneByteString__chars__"},
    {"ConsString.first", [](Layout& l) -> FieldOffset& { return l.string.cons_first; },
     "v8dbg_class_ConsString__first__"},
    {"ConsString.second", [](Layout& l) -> FieldOffset& { return l.string.cons_second; },
     "v8dbg_class_ConsString__second__"},
    {"SlicedString.parent", [](Layout& l) -> FieldOffset& { return l.string.sliced_parent; },
     "v8dbg_class_SlicedString__parent__"},
    {"SlicedString.offset", [](Layout& l) -> FieldOffset& { return l.string.sliced_offset; },
     "v8dbg_class_SlicedString__offset__"},
    {"ThinString.actual", [](Layout& l) -> FieldOffset& { return l.string.thin_actual; },
     "v8dbg_class_ThinString__actual__"},
    {"ExternalString.data", [](Layout& l) -> FieldOffset& { return l.string.external_data; }, ""},
    {"Symbol.flags", [](Layout& l) -> FieldOffset& { return l.string.symbol_flags; }, ""},
    {"Symbol.description", [](Layout& l) -> FieldOffset& { return l.string.symbol_description; },
     "v8dbg_class_Symbol__name__"},

    {"FixedArray.elements", [](Layout& l) -> FieldOffset& { return l.container.array_elements; },
     "v8dbg_class_FixedArray__data__"},
    {"DescriptorArray.count",
     [](Layout& l) -> FieldOffset& { return l.container.descriptor_count; }, ""},
    {"DescriptorArray.entries",
     [](Layout& l) -> FieldOffset& { return l.container.descriptor_entries; }, ""},
    {"PropertyCell.value",
     [](Layout& l) -> FieldOffset& { return l.container.property_cell_value; }, ""},
    {"Tuple2.value1", [](Layout& l) -> FieldOffset& { return l.container.tuple2_value1; }, ""},
    {"Oddball.to_string", [](Layout& l) -> FieldOffset& { return l.container.oddball_to_string; },
     ""},
    {"NameDictionary.entries",
     [](Layout& l) -> FieldOffset& { return l.container.name_dictionary_entries; }, ""},
    {"GlobalDictionary.entries",
     [](Layout& l) -> FieldOffset& { return l.container.global_dictionary_entries; }, ""},
    {"ScopeInfo.flags", [](Layout& l) -> FieldOffset& { return l.container.scope_info_flags; }, ""},
    {"ScopeInfo.locals_count",
     [](Layout& l) -> FieldOffset& { return l.container.scope_info_locals_count; }, ""},
    {"ScopeInfo.local_names",
     [](Layout& l) -> FieldOffset& { return l.container.scope_info_local_names; }, ""},
};

constexpr BitSpec kBits[] = {
    {"Map.new_target_is_base", [](Layout& l) -> BitRange& { return l.bits.new_target_is_base; }},
    {"Map.own_descriptors", [](Layout& l) -> BitRange& { return l.bits.own_descriptors; }},
    {"Map.is_prototype_map", [](Layout& l) -> BitRange& { return l.bits.prototype_map; }},
    {"Map.is_dictionary_map", [](Layout& l) -> BitRange& { return l.bits.dictionary_map; }},
    {"PropertyDetails.kind", [](Layout& l) -> BitRange& { return l.bits.details_kind; }},
    {"PropertyDetails.location", [](Layout& l) -> BitRange& { return l.bits.details_location; }},
    {"PropertyDetails.representation",
     [](Layout& l) -> BitRange& { return l.bits.details_representation; }},
    {"PropertyDetails.field_index",
     [](Layout& l) -> BitRange& { return l.bits.details_field_index; }},
    {"ScopeInfo.function_variable",
     [](Layout& l) -> BitRange& { return l.bits.scope_info_function_variable; }},
    {"ScopeInfo.inferred_name",
     [](Layout& l) -> BitRange& { return l.bits.scope_info_inferred_name; }},
    {"ScopeInfo.class_variable",
     [](Layout& l) -> BitRange& { return l.bits.scope_info_class_variable; }},
    {"ScopeInfo.receiver", [](Layout& l) -> BitRange& { return l.bits.scope_info_receiver; }},
    {"Symbol.private", [](Layout& l) -> BitRange& { return l.bits.symbol_private; }},
};

constexpr NumberSpec kNumbers[] = {
    {"PageFlag.large", [](Layout& l) -> uint64_t& { return l.page_flags.large; }},
    {"PageFlag.read_only", [](Layout& l) -> uint64_t& { return l.page_flags.read_only; }},
    {"PageFlag.from_page", [](Layout& l) -> uint64_t& { return l.page_flags.from_page; }},
    {"PageFlag.more_large", [](Layout& l) -> uint64_t& { return l.page_flags.more_large; }},
    {"PageFlag.more_read_only", [](Layout& l) -> uint64_t& { return l.page_flags.more_read_only; }},
    {"ScopeInfo.max_inlined_names",
     [](Layout& l) -> uint64_t& { return l.numbers.scope_info_max_inlined_names; }},
};

constexpr std::array<std::string_view, kFeatureCount> kFeatureNames = {
    "raw-scope-info-flags", "tag-before-constructor", "template-constructor",
    "function-name-property", "global-suffixes"};

}  // namespace

std::span<const FieldSpec> field_specs() { return kFields; }
std::span<const BitSpec> bit_specs() { return kBits; }
std::span<const NumberSpec> number_specs() { return kNumbers; }
std::span<const std::string_view> feature_names() { return kFeatureNames; }

}  // namespace corewalk::v8
