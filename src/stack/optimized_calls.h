#pragma once

#include <optional>
#include <vector>

#include "stack/code_finder.h"
#include "v8/object_view.h"

namespace corewalk {

/// A call of the function that optimised code was made for, or of one it has taken in.
struct OptimizedCall {
  v8::ObjectView shared;  ///< SharedFunctionInfo
  bool is_builtin = false;
  uint64_t bytecode_offset = 0;  ///< from the first bytecode
  std::optional<v8::TaggedWord> function;
  std::optional<v8::TaggedWord> receiver;
  /// As many as the function declares; absent: only in a register, or nowhere. None of builtins.
  std::vector<std::optional<v8::TaggedWord>> arguments;
};

/// True of code that one of the optimising compilers made.
[[nodiscard]] bool is_optimized(const CodeAt& code);

/// What runs in the frame at `fp` that goes on at `pc` in `code`, the innermost call first. By way
/// of the safepoint table and the deoptimization data, as V8 itself tells it
/// (OptimizedJSFrame::Summarize). Empty if these do not tell it.
[[nodiscard]] std::vector<OptimizedCall> read_optimized_calls(const v8::Heap& heap,
                                                              const CodeAt& code, Address fp,
                                                              Address pc);

}  // namespace corewalk
