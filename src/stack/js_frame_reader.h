#pragma once

#include <span>
#include <vector>

#include "memory/symbol_source.h"
#include "stack/baseline_position.h"
#include "stack/builtin_symbols.h"
#include "stack/code_finder.h"
#include "stack/frame.h"
#include "stack/optimized_calls.h"
#include "v8/constructor_name.h"
#include "v8/function_view.h"
#include "v8/object_view.h"

namespace corewalk {

/// Says what the frames on a stack are: whose they are, with what arguments, at which place of the
/// source. What cannot be told of a frame stays empty. Not thread-safe.
class JsFrameReader {
 public:
  JsFrameReader(const v8::Heap& heap, const SymbolSource& symbols);

  /// The calls that run in raw[index], the innermost first: one, or more if some were inlined.
  [[nodiscard]] std::vector<StackFrame> read(std::span<const RawFrame> raw, size_t index);

 private:
  void read_function(const v8::ObjectView& shared, std::optional<v8::TaggedWord> closure,
                     StackFrame& frame);
  void read_arguments(std::span<const RawFrame> raw, size_t index, std::optional<uint64_t> declared,
                      StackFrame& frame) const;
  void read_bytecode(const v8::ObjectView& bytecode, const std::optional<CodeAt>& code,
                     StackFrame& frame);
  /// `frame` and, before it, the calls that its code has taken in.
  [[nodiscard]] std::vector<StackFrame> read_optimized(const CodeAt& code, StackFrame frame);
  [[nodiscard]] StackFrame inlined_frame(const OptimizedCall& call, const StackFrame& outer);
  /// Those above `end`, where the frame of the next call ends.
  void read_registers(const v8::ObjectView& bytecode, Address end, StackFrame& frame) const;
  [[nodiscard]] std::optional<uint64_t> baseline_offset(const v8::ObjectView& bytecode,
                                                        const CodeAt& code, Address pc) const;
  void locate(const v8::ObjectView& bytecode, uint64_t offset, StackFrame& frame);
  [[nodiscard]] Result<v8::TaggedWord> slot(Address fp, uint64_t distance) const;
  [[nodiscard]] std::optional<v8::ObjectView> object_in(Address fp, uint64_t distance) const;

  const v8::Heap& heap_;
  BuiltinSymbols symbols_;
  v8::SourceLocator sources_;
  v8::ConstructorNamer namer_;
  BytecodeSizes bytecode_sizes_;
};

}  // namespace corewalk
