#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "v8/layout.h"

namespace corewalk {

/// Where a translation says that a value is.
struct TranslatedValue {
  enum class Kind : uint8_t { kLiteral, kStackSlot, kElsewhere };
  Kind kind = Kind::kElsewhere;
  int64_t number = 0;  ///< of the literal or the stack slot
};

/// One JavaScript call of those that a piece of optimised code does in one frame.
struct TranslatedFrame {
  bool is_builtin = false;      ///< Array.prototype.map and its like
  int64_t bytecode_offset = 0;  ///< of the bytecode that runs; of builtins something else
  uint64_t shared = 0;          ///< number of the SharedFunctionInfo among the literals
  TranslatedValue function;
  /// The receiver, the arguments that the function declares, and what follows them: the context and
  /// registers. No more than kMaxValues.
  std::vector<TranslatedValue> values;
  static constexpr size_t kMaxValues = 64;
};

/// Reads the translation that begins at `index` (deoptimizer/frame-translation-builder.cc,
/// translated-state.cc): the calls of one frame, the outermost first. Empty if it is damaged.
[[nodiscard]] std::vector<TranslatedFrame> read_translation(const v8::Layout& layout,
                                                            std::span<const std::byte> translations,
                                                            uint64_t index);

}  // namespace corewalk
