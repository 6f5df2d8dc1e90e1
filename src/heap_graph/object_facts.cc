#include "heap_graph/object_facts.h"

#include <string_view>

namespace corewalk {
namespace {

/// V8HeapExplorer::IsEssentialObject, beside oddballs.
constexpr std::string_view kInessential[] = {
    "the_hole_value",
    "empty_byte_array",
    "empty_fixed_array",
    "empty_weak_fixed_array",
    "empty_descriptor_array",
    "fixed_array_map",
    "cell_map",
    "global_property_cell_map",
    "shared_function_info_map",
    "free_space_map",
    "one_pointer_filler_map",
    "two_pointer_filler_map",
};

/// V8HeapExplorer::RecursivelyTagConstantPool and ExtractFeedbackVectorReferences.
constexpr std::string_view kConstantTypes[] = {"FIXED_ARRAY", "TRUSTED_FIXED_ARRAY",
                                               "NAME_DICTIONARY", "NUMBER_DICTIONARY"};
constexpr std::string_view kFeedbackTypes[] = {"FIXED_ARRAY", "WEAK_FIXED_ARRAY"};

}  // namespace

ObjectFacts::ObjectFacts(const ObjectIndex& index)
    : heap_(index.heap()),
      hides_weak_slots_(index.heap().layout().has(v8::Feature::kSnapshotHidesWeakSlots)),
      dispatch_table_(v8::DispatchTable::find(index.heap())) {
  for (const v8::Isolate& isolate : heap_.isolates()) leave_out(index, isolate);
  const auto add_type = [&](std::vector<const v8::TypeInfo*>& list, std::string_view name) {
    const auto number = heap_.layout().type_number(name);
    if (number) list.push_back(&heap_.layout().type(*number));
  };
  for (const std::string_view name : kConstantTypes) add_type(constant_types_, name);
  for (const std::string_view name : kFeedbackTypes) add_type(feedback_types_, name);
  const auto& classes = heap_.layout().classes;
  if (const auto cell = classes.find("PropertyCell"); cell != classes.end()) {
    const auto* name = v8::Layout::field(&cell->second, "name");
    const auto* value = v8::Layout::field(&cell->second, "value");
    const auto* details = v8::Layout::field(&cell->second, "property_details_raw");
    if (name != nullptr && value != nullptr && details != nullptr) {
      cell_ = {true, name->offset, value->offset, details->offset};
    }
  }
}

void ObjectFacts::leave_out(const ObjectIndex& index, const v8::Isolate& isolate) {
  const auto leave_out = [&](v8::TaggedWord word) {
    const ObjectNumber object = index.find(v8::untag(word));
    if (object == kNoObject) return;
    if (inessential_.size() <= object) inessential_.resize(object + 1);
    inessential_[object] = true;
  };
  for (const std::string_view name : kInessential) {
    if (const auto word = heap_.root(isolate, name)) leave_out(*word);
  }
  for (const auto& [name, number] : heap_.layout().roots) {
    const auto word = heap_.root(isolate, name);
    if (word && heap_.tag_of(v8::untag(*word)) == v8::TypeTag::kOddball) leave_out(*word);
  }
  const auto keep = [&](std::vector<v8::TaggedWord>& words, std::string_view name) {
    const auto word = heap_.root(isolate, name);
    if (word && !contains(words, *word)) words.push_back(*word);
  };
  keep(holes_, "the_hole_value");
  keep(empty_arrays_, "empty_fixed_array");
}

std::string_view ObjectFacts::native_context_slot(uint64_t slot, uint64_t count) const {
  const v8::Layout& layout = heap_.layout();
  // Patch releases have added slots.
  if (count != layout.numbers.native_context_slots) return "";
  const auto names = layout.enums.find("NativeContextSlot");
  if (names == layout.enums.end()) return "";
  const auto name = names->second.find(static_cast<int64_t>(slot));
  return name == names->second.end() ? std::string_view() : std::string_view(name->second);
}

bool ObjectFacts::is_accessor_pair(v8::TaggedWord word) const {
  const auto type = heap_.instance_type(v8::untag(word));
  return type && heap_.layout().type(*type).name == "ACCESSOR_PAIR";
}

}  // namespace corewalk
