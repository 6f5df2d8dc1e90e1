// The stack is searched word by word for return addresses into functions that never return. Such a
// word proves that the function was entered and not left: a stale one cannot be, so no unwinder is
// needed.
#include "node/end_reason.h"

#include <algorithm>
#include <vector>

namespace corewalk {
namespace {

struct FatalFunction {
  std::string_view prefix;  ///< of the mangled name: the parameters differ from version to version
  EndReason reason;
};

/// From the most telling to the least: several may be on one stack. Isolate::Throw does return, but
/// the function it calls before it aborts does not.
constexpr FatalFunction kFatalFunctions[] = {
    {"_ZN2v88internal4Heap23FatalProcessOutOfMemory", EndReason::kHeapLimit},
    {"_ZN2v88internal2V823FatalProcessOutOfMemory", EndReason::kOutOfMemory},
    {"_ZN4node15OOMErrorHandler", EndReason::kOutOfMemory},
    {"_ZN4node6AssertE", EndReason::kFailedCheck},
    {"_Z8V8_Fatal", EndReason::kFailedCheck},
    {"_ZN4node12OnFatalError", EndReason::kFatalError},
    {"_ZN4nodeL5AbortERKN2v8", EndReason::kAbortCalled},
};
constexpr std::string_view kAbort = "_ZN2v84base2OS5Abort";
/// What calls it for an exception: which of them does depends on the version and on inlining.
constexpr std::string_view kThrowers[] = {
    "_ZN2v88internal7Isolate5Throw",
    "_ZN2v88internal7Isolate13ThrowInternal",
    "_ZN2v88internal7Isolate20CreateMessageOrAbort",
};

/// The buffers that V8 fills for its last message lie on the stack too.
constexpr uint64_t kMaxStackBytes = 256 * 1024;
/// Between a call of OS::Abort and the function that made it lies nothing but its small frame.
constexpr size_t kMaxAbortFrameWords = 8;

std::vector<AddressRange> code_of(std::string_view prefix, const SymbolSource& symbols) {
  std::vector<AddressRange> ranges;
  for (const Symbol& symbol : symbols.with_prefix(prefix)) {
    if (symbol.size_bytes != 0) ranges.emplace_back(symbol.address, symbol.size_bytes);
  }
  return ranges;
}

/// A call that never returns may be the last instruction of its function; so the address before the
/// return address counts.
bool returns_into(uint64_t word, const std::vector<AddressRange>& code) {
  return word != 0 && std::any_of(code.begin(), code.end(), [&](const AddressRange& range) {
           return range.contains(Address(word - 1));
         });
}

/// Where the thread stood, then what its stack holds. OS::Abort does not call abort() but ends with
/// a trap of its own, so no word of the stack may point into it.
std::vector<uint64_t> stack_words(const ThreadInfo& thread, const AddressSpace& memory) {
  std::vector<uint64_t> words = {thread.pc.value()};
  const Result<ByteView> stack = memory.view_prefix(thread.sp, kMaxStackBytes);
  if (!stack) return words;
  for (uint64_t offset = 0; offset + sizeof(uint64_t) <= stack->size();
       offset += sizeof(uint64_t)) {
    if (const auto word = stack->read<uint64_t>(offset)) words.push_back(*word);
  }
  return words;
}

bool aborted_by_throw(const std::vector<uint64_t>& words, const SymbolSource& symbols) {
  const std::vector<AddressRange> abort = code_of(kAbort, symbols);
  std::vector<AddressRange> throw_code;
  for (const std::string_view thrower : kThrowers) {
    const std::vector<AddressRange> code = code_of(thrower, symbols);
    throw_code.insert(throw_code.end(), code.begin(), code.end());
  }
  const auto call =
      std::find_if(words.begin(), words.end(), [&](uint64_t w) { return returns_into(w, abort); });
  const auto left = static_cast<size_t>(words.end() - call);
  const auto end = call + static_cast<std::ptrdiff_t>(std::min(left, kMaxAbortFrameWords));
  return std::any_of(call, end, [&](uint64_t word) { return returns_into(word, throw_code); });
}

}  // namespace

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::kHeapLimit:
      return "heap_limit";
    case EndReason::kOutOfMemory:
      return "out_of_memory";
    case EndReason::kUncaughtException:
      return "uncaught_exception";
    case EndReason::kFailedCheck:
      return "failed_check";
    case EndReason::kFatalError:
      return "fatal_error";
    case EndReason::kAbortCalled:
      return "abort_called";
  }
  return "";
}

std::string_view describe(EndReason reason) {
  switch (reason) {
    case EndReason::kHeapLimit:
      return "JavaScript heap out of memory: the heap reached its limit";
    case EndReason::kOutOfMemory:
      return "out of memory: V8 could not allocate";
    case EndReason::kUncaughtException:
      return "an exception that nobody caught (--abort-on-uncaught-exception)";
    case EndReason::kFailedCheck:
      return "an assertion in Node.js or V8 failed";
    case EndReason::kFatalError:
      return "a fatal error in V8";
    case EndReason::kAbortCalled:
      return "the program called process.abort()";
  }
  return "";
}

std::optional<EndReason> find_end_reason(const ThreadInfo& thread, const AddressSpace& memory,
                                         const SymbolSource& symbols) {
  const std::vector<uint64_t> words = stack_words(thread, memory);
  for (const FatalFunction& function : kFatalFunctions) {
    const std::vector<AddressRange> code = code_of(function.prefix, symbols);
    if (std::any_of(words.begin(), words.end(),
                    [&](uint64_t word) { return returns_into(word, code); })) {
      return function.reason;
    }
  }
  if (aborted_by_throw(words, symbols)) return EndReason::kUncaughtException;
  return {};
}

}  // namespace corewalk
