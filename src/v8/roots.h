#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "memory/process_info.h"
#include "v8/heap.h"

namespace corewalk::v8 {

/// Where a reference to an object lies that is not in an object itself; the surest kinds first.
enum class RootKind : uint8_t {
  kRootsTable,      ///< the isolate's table of roots
  kGlobalHandle,    ///< v8::Global of the embedder: a JavaScript object that C++ keeps
  kEternalHandle,   ///< v8::Eternal
  kMicrotaskQueue,  ///< callbacks that wait for their turn
  kHandleScope,     ///< v8::Local, as long as its scope is open
  kIsolate,         ///< another word of the isolate: the current context, a pending exception
  kStack,           ///< any word of a thread's stack: may be left over from a call that returned
  kRegister,
};

[[nodiscard]] std::string_view to_string(RootKind kind);

/// A word outside the heap that refers to an object on a page that is not read-only.
struct Root {
  RootKind kind = RootKind::kIsolate;
  bool weak = false;  ///< does not keep the object alive
  IsolateIndex isolate = kSharedByAll;
  Address place = {};  ///< where the word lies; null for a register
  TaggedWord word = 0;
  /// Index in the roots table, offset in the isolate in bytes, or number of the register; else 0.
  uint64_t detail = 0;
  uint64_t thread_id = 0;  ///< of kStack and kRegister
};

/// All roots of all isolates, in no order to rely on; `threads` are those that run them. Structures
/// of C++ are known by their shape, since their offsets differ with every release: one that is
/// damaged has no roots here. Stacks and isolates are taken word by word, so they may name too
/// much.
[[nodiscard]] std::vector<Root> find_roots(const Heap& heap, std::span<const ThreadInfo> threads);

}  // namespace corewalk::v8
