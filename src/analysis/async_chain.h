#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/heap_scan.h"
#include "v8/source_locator.h"

namespace corewalk {

/// What waits, and what is waited for, in a chain of pending promises.
enum class AsyncKind : uint8_t {
  kAsyncFunction,   ///< suspended at an await
  kAsyncGenerator,  ///< the same; the caller of its next() waits for it
  kAll,             ///< Promise.all, allSettled or any: an element of it
  kReaction,        ///< a handler given to then(), catch() or finally()
  kNative,          ///< a handler of V8's own
  kPromise,         ///< the promise at the bottom, which nothing here resolves
};

struct AsyncStep {
  AsyncKind kind = AsyncKind::kPromise;
  Address object = {};  ///< generator object, handler or promise; tagged
  std::string name = {};
  v8::SourceLocation position = {};    ///< where it is suspended
  v8::SourceLocation definition = {};  ///< where its function is written
};

/// The steps from a promise that nobody has settled up to what nobody waits for: each step is
/// resumed by the one before it.
struct AsyncChain {
  std::vector<AsyncStep> steps = {};  ///< the promise at the bottom first
  uint64_t count = 0;     ///< chains that differ in their objects only; `steps` is one of them
  bool is_cycle = false;  ///< the last step is one of those before it
  bool is_cut = false;    ///< it goes on for longer than is followed
};

struct AsyncReport {
  std::vector<AsyncChain> chains = {};  ///< the commonest last
  uint64_t pending_promises = 0;
  bool is_cut = false;  ///< there are more chains than are followed
  ScanExtent extent = {};
};

}  // namespace corewalk
