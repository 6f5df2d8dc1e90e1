#pragma once

#include <span>
#include <string_view>

#include "v8/layout.h"

namespace corewalk::v8 {

/// One `Class.field OFFSET` fact a layout file can state, where it goes in a Layout, and the
/// post-mortem symbol that states it in V8's own binaries. The declared type at the end of such a
/// symbol's name drifts between versions, so symbols are found by class and field alone.
struct FieldSpec {
  std::string_view key;
  FieldOffset& (*place)(Layout&);
  std::string_view symbol_prefix;  ///< "" if V8 has no symbol, or one that is wrong in some version
};

/// `bits NAME SHIFT MASK`.
struct BitSpec {
  std::string_view key;
  BitRange& (*place)(Layout&);
};

/// `number NAME VALUE`.
struct NumberSpec {
  std::string_view key;
  uint64_t& (*place)(Layout&);
};

[[nodiscard]] std::span<const FieldSpec> field_specs();
[[nodiscard]] std::span<const BitSpec> bit_specs();
[[nodiscard]] std::span<const NumberSpec> number_specs();
[[nodiscard]] std::span<const std::string_view> feature_names();  ///< in order of enum Feature

}  // namespace corewalk::v8
