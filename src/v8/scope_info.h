#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "v8/heap.h"

namespace corewalk::v8 {

/// What the parser left of a scope: the names of the variables in its contexts, the function it
/// belongs to, and where that stands in the source (objects/scope-info.tq).
class ScopeInfoView {
 public:
  [[nodiscard]] static Result<ScopeInfoView> load(const Heap& heap, Address scope_info);

  [[nodiscard]] Address address() const { return address_; }

  /// A variable that lives in the contexts of this scope.
  struct Local {
    TaggedWord name = 0;
    uint64_t slot = 0;  ///< in the context, counted from its first slot
  };
  [[nodiscard]] std::vector<Local> locals() const;

  /// The name a function was declared with, and the one inferred from where it was assigned.
  [[nodiscard]] std::optional<TaggedWord> function_name() const;
  [[nodiscard]] std::optional<TaggedWord> inferred_name() const;

  /// True if variables can be declared in it: a function's, a module's; not that of a loop.
  [[nodiscard]] bool is_declaration() const { return (flags_ >> kDeclarationBit & 1) != 0; }
  /// Contexts of the scope have a slot for variables that `eval` declares.
  [[nodiscard]] bool has_extension_slot() const;

  /// Offsets in the script's source, in UTF-16 code units. Of a function: from its parameters on.
  struct Extent {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  [[nodiscard]] std::optional<Extent> extent() const;

 private:
  ScopeInfoView(const Heap& heap, Address address, uint32_t flags, uint64_t locals)
      : heap_(&heap), address_(address), flags_(flags), local_count_(locals) {}

  [[nodiscard]] bool has(const BitRange& range) const { return range.decode(flags_) != 0; }
  [[nodiscard]] uint32_t scope_type() const;
  [[nodiscard]] bool names_are_inlined() const;
  /// Slots of the variable part, counted from the first name.
  [[nodiscard]] uint64_t first_name() const;
  [[nodiscard]] uint64_t after_locals() const;
  [[nodiscard]] uint64_t after_function_name() const;
  [[nodiscard]] uint64_t header_slots() const;
  [[nodiscard]] Result<TaggedWord> slot(uint64_t index) const;
  void add_hashed_names(std::vector<Local>& locals) const;

  // ScopeInfo::DeclarationScopeBit, behind the type, the eval bit and the language mode
  // (objects/scope-info.h, 7.8; objects/scope-info.tq, 9.4 to 14.6).
  static constexpr unsigned kDeclarationBit = 6;

  const Heap* heap_;
  Address address_;
  uint32_t flags_;
  uint64_t local_count_;
};

}  // namespace corewalk::v8
