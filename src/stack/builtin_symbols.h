#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memory/symbol_source.h"
#include "v8/heap.h"

namespace corewalk {

/// Names machine code that has a symbol. V8's builtins have one each in the program, but may run
/// from a copy of all of them beside the heap, so that jumps reach them
/// (Isolate::MaybeRemapEmbeddedBuiltinsIntoCodeRange): then an address is looked up where it was
/// copied from. A program without symbols has no names.
class BuiltinSymbols {
 public:
  BuiltinSymbols(const v8::Heap& heap, const SymbolSource& symbols);

  /// The function that a call returning to `pc` was made in.
  [[nodiscard]] std::optional<std::string> name_at_return(Address pc) const;

 private:
  [[nodiscard]] std::optional<Address> find_copy(const v8::Heap& heap,
                                                 const v8::Isolate& isolate) const;

  const SymbolSource& symbols_;
  AddressRange original_;
  std::vector<Address> copies_;  ///< where each begins
};

}  // namespace corewalk
