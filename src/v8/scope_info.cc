#include "v8/scope_info.h"

#include <algorithm>

#include "v8/object_view.h"
#include "v8/tagged.h"

namespace corewalk::v8 {
namespace {

/// VariableAllocationInfo: NONE, STACK, CONTEXT, UNUSED (objects/scope-info.h).
constexpr uint32_t kOnStack = 1;
constexpr uint32_t kInContext = 2;

// ScopeType (common/globals.h), as long as positions are in the variable part: EVAL to SCRIPT have
// one. CLASS, before them, only has one in later versions, and is no function.
constexpr uint32_t kFirstWithPosition = 1;
constexpr uint32_t kLastWithPosition = 4;

}  // namespace

Result<ScopeInfoView> ScopeInfoView::load(const Heap& heap, Address scope_info) {
  const ContainerFields& fields = heap.layout().container;
  if (heap.tag_of(scope_info) != TypeTag::kScopeInfo) {
    return Fault{FaultKind::kWrongType, scope_info, "scope info"};
  }
  const auto flags = heap.read(scope_info, fields.scope_info_flags, "scope flags");
  const auto count = heap.read(scope_info, fields.scope_info_locals_count, "scope locals");
  if (!flags) return flags.fault();
  if (!count) return count.fault();
  if (!is_smi(*count)) return Fault{FaultKind::kBadValue, scope_info, "scope locals"};
  const uint32_t bits = heap.layout().has(Feature::kRawScopeInfoFlags)
                            ? static_cast<uint32_t>(*flags)
                            : static_cast<uint32_t>(v8::smi_value(*flags));
  return ScopeInfoView(heap, scope_info, bits,
                       static_cast<uint64_t>(std::max(v8::smi_value(*count), 0)));
}

uint32_t ScopeInfoView::scope_type() const {
  return heap_->layout().bits.scope_info_type.decode(flags_);
}

Result<TaggedWord> ScopeInfoView::slot(uint64_t index) const {
  const uint64_t first = heap_->layout().container.scope_info_local_names.offset();
  return heap_->read<TaggedWord>(address_, first + index * kWordBytes, "scope info");
}

// The scope of a module has the number of its module variables before the names, from 12.4 on.
uint64_t ScopeInfoView::first_name() const {
  return scope_type() == heap_->layout().numbers.scope_info_counted_module ? 1 : 0;
}

bool ScopeInfoView::names_are_inlined() const {
  return local_count_ < heap_->layout().numbers.scope_info_max_inlined_names;
}

// Names, or the table that holds them; the properties of each variable.
uint64_t ScopeInfoView::after_locals() const {
  return first_name() + (names_are_inlined() ? local_count_ : 1) + local_count_;
}

uint64_t ScopeInfoView::after_function_name() const {
  const BitLayout& bits = heap_->layout().bits;
  const uint32_t receiver = bits.scope_info_receiver.decode(flags_);
  return after_locals() + (has(bits.scope_info_class_variable) ? 1 : 0) +
         (receiver == kOnStack || receiver == kInContext ? 1 : 0) +
         (has(bits.scope_info_function_variable) ? 2 : 0);
}

std::optional<TaggedWord> ScopeInfoView::function_name() const {
  if (!has(heap_->layout().bits.scope_info_function_variable)) return {};
  const auto word = slot(after_function_name() - 2);
  return word ? std::optional(*word) : std::nullopt;
}

std::optional<TaggedWord> ScopeInfoView::inferred_name() const {
  if (!has(heap_->layout().bits.scope_info_inferred_name)) return {};
  const auto word = slot(after_function_name());
  return word ? std::optional(*word) : std::nullopt;
}

std::optional<ScopeInfoView::Extent> ScopeInfoView::extent() const {
  const Field<TaggedWord>& fixed = heap_->layout().container.scope_info_position;
  Result<TaggedWord> begin = Fault{};
  Result<TaggedWord> end = Fault{};
  if (fixed.present()) {
    begin = heap_->read(address_, fixed, "scope position");
    end = heap_->read<TaggedWord>(address_, fixed.offset() + kWordBytes, "scope position");
  } else if (scope_type() >= kFirstWithPosition && scope_type() <= kLastWithPosition) {
    const bool has_inferred = has(heap_->layout().bits.scope_info_inferred_name);
    const uint64_t at = after_function_name() + (has_inferred ? 1 : 0);
    begin = slot(at);
    end = slot(at + 1);
  }
  if (!begin || !end || !is_smi(*begin) || !is_smi(*end)) return {};
  if (smi_value(*begin) < 0 || smi_value(*end) < smi_value(*begin)) return {};
  return Extent{static_cast<uint32_t>(smi_value(*begin)), static_cast<uint32_t>(smi_value(*end))};
}

uint64_t ScopeInfoView::header_slots() const {
  return heap_->layout().numbers.context_min_slots +
         (has(heap_->layout().bits.scope_info_extension_slot) ? 1 : 0);
}

std::vector<ScopeInfoView::Local> ScopeInfoView::locals() const {
  std::vector<Local> locals;
  if (!names_are_inlined()) {
    add_hashed_names(locals);
    return locals;
  }
  for (uint64_t i = 0; i < local_count_; ++i) {
    const auto name = slot(first_name() + i);
    if (!name) break;
    locals.push_back({*name, header_slots() + i});
  }
  return locals;
}

// A NameToIndexHashTable: (name, index of the local) in no order.
void ScopeInfoView::add_hashed_names(std::vector<Local>& locals) const {
  const auto word = slot(first_name());
  const auto table = word ? ObjectView::at(*heap_, *word) : Result<ObjectView>(word.fault());
  if (!table) return;
  const uint64_t first = heap_->layout().container.name_index_table_entries.offset();
  for (uint64_t at = first; at + 2 * kWordBytes <= table->size_bytes(); at += 2 * kWordBytes) {
    const TaggedWord name = *table->word(at);
    const TaggedWord index = *table->word(at + kWordBytes);
    if (is_smi(name) || !is_smi(index) || smi_value(index) < 0) continue;
    if (heap_->tag_of(untag(name)) != TypeTag::kString) continue;
    locals.push_back({name, header_slots() + static_cast<uint64_t>(smi_value(index))});
  }
  std::sort(locals.begin(), locals.end(),
            [](const Local& a, const Local& b) { return a.slot < b.slot; });
}

bool ScopeInfoView::has_extension_slot() const {
  return has(heap_->layout().bits.scope_info_extension_slot);
}

}  // namespace corewalk::v8
