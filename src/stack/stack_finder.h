#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "memory/code_modules.h"
#include "memory/process_info.h"
#include "memory/symbol_source.h"
#include "stack/frame.h"
#include "v8/heap.h"

namespace corewalk {

/// What stacks are made from. Does not own.
struct StackSources {
  const v8::Heap& heap;
  const SymbolSource& symbols;  ///< of the module with V8
  const ProcessInfo& process;
  const CodeModules& modules;
  std::map<Address, uint64_t> threads_by_isolate;  ///< as far as known: by the isolate's address
};

/// The stacks of all threads, in their order; then an empty one for each isolate that none of them
/// is known to run.
[[nodiscard]] std::vector<ThreadStack> find_stacks(const StackSources& sources);

}  // namespace corewalk
