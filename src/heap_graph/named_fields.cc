#include "heap_graph/named_fields.h"

#include <algorithm>

namespace corewalk {
namespace {

using v8::NodeType;

constexpr EdgeKind kWeak = EdgeKind::kWeak;
constexpr EdgeKind kInternal = EdgeKind::kInternal;
constexpr EdgeKind kHidden = EdgeKind::kHidden;

constexpr NodeTag kTags[] = {
    {""},
    {"(constant pool)", NodeType::kCode},
    {"(feedback)", NodeType::kCode},
    {"(bound arguments)"},
    {"(code deopt data)", NodeType::kCode},
    {"(code relocation info)", NodeType::kCode},
    {"(constant elements)", NodeType::kCode},
    {"(dependent code)", NodeType::kCode},
    {"(enum cache)", NodeType::kObjectShape},
    {"(handler table)", NodeType::kCode},
    {"(host-defined options)", NodeType::kCode},
    {"(infos)", NodeType::kCode},
    {"(prototype chain enum cache)", NodeType::kObjectShape},
    {"(prototype users)", NodeType::kObjectShape},
    {"(prototype validity cell)", NodeType::kObjectShape},
    {"(RegExp data)", NodeType::kCode},
    {"(script line ends)", NodeType::kCode},
    {"(shared function infos)", NodeType::kCode},
    {"(source position table)", NodeType::kCode},
    {"(object properties)"},
    {"(object elements)"},
};

consteval NodeTagNumber tag(std::string_view name) {
  for (size_t i = 0; i < std::size(kTags); ++i) {
    if (kTags[i].name == name) return static_cast<NodeTagNumber>(i);
  }
  throw "no such tag";
}
static_assert(tag("(constant pool)") == kConstantPoolTag && tag("(feedback)") == kFeedbackTag);

constexpr NamedField kFields[] = {
    {"AccessorInfo", "data", "data"},
    {"AccessorInfo", "expected_receiver_type", "expected_receiver_type"},
    {"AccessorInfo", "getter", "getter"},
    {"AccessorInfo", "name", "name"},
    {"AccessorInfo", "setter", "setter"},
    {"AccessorPair", "getter", "getter"},
    {"AccessorPair", "setter", "setter"},
    {"AllocationSite", "dependent_code", "dependent_code", kInternal, tag("(dependent code)")},
    {"AllocationSite", "nested_site", "nested_site"},
    {"AllocationSite", "transition_info_or_boilerplate", "transition_info"},
    {"ArrayBoilerplateDescription", "constant_elements", "constant_elements", kInternal,
     tag("(constant elements)")},
    {"BytecodeArray", "handler_table", "", kHidden, tag("(handler table)")},
    {"BytecodeArray", "source_position_table", "", kHidden, tag("(source position table)")},
    {"Cell", "maybe_value", "value"},
    {"Cell", "value", "value"},
    {"Code", "deoptimization_data_or_interpreter_data", "deoptimization_data", kInternal,
     tag("(code deopt data)")},
    {"Code", "position_table", "source_position_table", kInternal, tag("(source position table)")},
    {"Code", "deoptimization_data", "deoptimization_data", kInternal, tag("(code deopt data)")},
    {"Code", "instruction_stream", "instruction_stream"},
    {"Code", "relocation_info", "relocation_info", kInternal, tag("(code relocation info)")},
    {"Code", "source_position_table", "source_position_table", kInternal,
     tag("(source position table)")},
    {"ConsString", "first", "first"},
    {"ConsString", "second", "second"},
    {"Context", "extension", "extension"},
    {"Context", "previous", "previous"},
    {"Context", "scope_info", "scope_info"},
    {"DescriptorArray", "enum_cache", "enum_cache"},
    {"EnumCache", "indices", "", kHidden, tag("(enum cache)")},
    {"EnumCache", "keys", "", kHidden, tag("(enum cache)")},
    {"FeedbackCell", "value", "value"},
    {"InstructionStream", "code", "code"},
    {"InstructionStream", "relocation_info", "relocation_info", kInternal,
     tag("(code relocation info)")},
    {"JSArrayBufferView", "buffer", "buffer"},
    {"JSBoundFunction", "bound_arguments", "bindings", kInternal, tag("(bound arguments)")},
    {"JSBoundFunction", "bound_target_function", "bound_function"},
    {"JSBoundFunction", "bound_this", "bound_this"},
    {"JSCollection", "table", "table"},
    {"JSDisposableStackBase", "stack", "stack"},
    {"JSFunction", "code", "code"},
    {"JSFunction", "context", "context"},
    {"JSFunction", "feedback_cell", "feedback_cell"},
    {"JSFunction", "shared", "shared"},
    {"JSFunction", "shared_function_info", "shared"},
    {"JSGeneratorObject", "context", "context"},
    {"JSGeneratorObject", "function", "function"},
    {"JSGeneratorObject", "parameters_and_registers", "parameters_and_registers"},
    {"JSGeneratorObject", "receiver", "receiver"},
    {"JSGlobalObject", "global_proxy", "global_proxy"},
    {"JSGlobalObject", "native_context", "native_context"},
    {"JSGlobalProxy", "native_context", "native_context"},
    {"JSObject", "elements", "elements", kInternal, tag("(object elements)")},
    {"JSPromise", "reactions_or_result", "reactions_or_result"},
    {"JSReceiver", "properties_or_hash", "properties", kInternal, tag("(object properties)")},
    {"JSWeakCollection", "table", "table"},
    {"JSWeakRef", "target", "target", kWeak},
    {"Map", "dependent_code", "dependent_code"},
    {"Map", "instance_descriptors", "descriptors"},
    {"Map", "prototype", "prototype"},
    {"Map", "prototype_validity_cell", "", kHidden, tag("(prototype validity cell)")},
    {"PropertyCell", "dependent_code", "dependent_code"},
    {"PropertyCell", "value", "value"},
    {"PrototypeInfo", "prototype_chain_enum_cache", "", kHidden,
     tag("(prototype chain enum cache)")},
    {"PrototypeInfo", "prototype_users", "", kHidden, tag("(prototype users)")},
    {"RegExpBoilerplateDescription", "data", "", kHidden, tag("(RegExp data)")},
    {"Script", "context", "context_data"},
    {"Script", "context_data", "context_data"},
    {"Script", "host_defined_options", "", kHidden, tag("(host-defined options)")},
    {"Script", "infos", "", kHidden, tag("(infos)")},
    {"Script", "line_ends", "line_ends", kInternal, tag("(script line ends)")},
    {"Script", "name", "name"},
    {"Script", "shared_function_infos", "", kHidden, tag("(shared function infos)")},
    {"Script", "source", "source"},
    {"SharedFunctionInfo", "function_data", "function_data"},
    {"SharedFunctionInfo", "name_or_scope_info", "name_or_scope_info"},
    {"SharedFunctionInfo", "outer_scope_info_or_feedback_metadata",
     "raw_outer_scope_info_or_feedback_metadata"},
    {"SharedFunctionInfo", "script", "script"},
    {"SharedFunctionInfo", "script_or_debug_info", "script_or_debug_info"},
    {"SharedFunctionInfo", "trusted_function_data", "trusted_function_data"},
    {"SharedFunctionInfo", "untrusted_function_data", "untrusted_function_data"},
    {"SlicedString", "parent", "parent"},
    {"Symbol", "description", "name"},
    {"Symbol", "name", "name"},
    {"ThinString", "actual", "actual"},
    {"WeakCell", "key", "unregister_token", kWeak},
    {"WeakCell", "target", "target", kWeak},
    {"WeakCell", "unregister_token", "unregister_token", kWeak},
};

}  // namespace

const NodeTag& node_tag(NodeTagNumber number) {
  return kTags[number < std::size(kTags) ? number : kNoTag];
}

const NamedField* named_field(std::string_view class_name, std::string_view field) {
  const auto* found = std::find_if(std::begin(kFields), std::end(kFields), [&](const auto& entry) {
    return entry.class_name == class_name && entry.field == field;
  });
  return found == std::end(kFields) ? nullptr : found;
}

}  // namespace corewalk
