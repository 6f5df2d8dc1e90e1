#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/segmented_memory.h"
#include "node/end_reason.h"
#include "support/catch.h"

namespace corewalk {
namespace {

constexpr uint64_t kStack = 0x7ffc0000;
constexpr uint64_t kFunctionBytes = 0x100;

/// Functions one after the other, in order of name.
class Functions final : public SymbolSource {
 public:
  explicit Functions(std::vector<std::string> names) : names_(std::move(names)) {
    uint64_t address = 0x400000;
    for (const std::string& name : names_) {
      symbols_.push_back({name, Address(address), kFunctionBytes});
      address += kFunctionBytes;
    }
  }
  [[nodiscard]] std::optional<Symbol> find(std::string_view /*name*/) const override { return {}; }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view prefix) const override {
    for (const Symbol& symbol : symbols_) {
      if (symbol.name.starts_with(prefix)) return {&symbol, 1};
    }
    return {};
  }
  [[nodiscard]] bool has_full_symbols() const override { return true; }

 private:
  std::vector<std::string> names_;
  std::vector<Symbol> symbols_;
};

const std::vector<std::string> kNames = {
    "_Z8V8_FatalPKcz",
    "_ZN2v84base2OS5AbortEv",
    "_ZN2v88internal4Heap23FatalProcessOutOfMemoryEPKc",
    "_ZN2v88internal7Isolate5ThrowENS0_6HandleINS0_6ObjectEEE",
    "_ZN4node12OnFatalErrorEPKcS1_",
    "_ZN4nodeL5AbortERKN2v820FunctionCallbackInfoINS0_5ValueEEE",
};

/// An address in the function, or just behind it.
uint64_t in_function(size_t index, uint64_t offset = 0x20) {
  return 0x400000 + index * kFunctionBytes + offset;
}

std::optional<EndReason> reason_of(const std::vector<uint64_t>& stack, const SymbolSource& symbols,
                                   uint64_t pc = 0) {
  const AddressRange range(Address(kStack), stack.size() * sizeof(uint64_t));
  const SegmentedMemory memory({{.segment = {.range = range,
                                             .residency = Residency::kPresent,
                                             .readable = true,
                                             .writable = true},
                                 .bytes = reinterpret_cast<const std::byte*>(stack.data())}});
  ThreadInfo thread;
  thread.sp = Address(kStack);
  thread.pc = Address(pc);
  return find_end_reason(thread, memory, symbols);
}

TEST_CASE("the reason of an end is read off the stack") {
  const Functions functions(kNames);
  CHECK(reason_of({1, 2, in_function(5)}, functions) == EndReason::kAbortCalled);
  CHECK(reason_of({1, in_function(4)}, functions) == EndReason::kFatalError);
  CHECK(reason_of({1, in_function(0)}, functions) == EndReason::kFailedCheck);
  // The most telling function wins, wherever it stands.
  CHECK(reason_of({in_function(4), 7, in_function(2)}, functions) == EndReason::kHeapLimit);
}

TEST_CASE("a call at the end of a function returns behind it") {
  const Functions functions(kNames);
  CHECK(reason_of({in_function(5, kFunctionBytes)}, functions) == EndReason::kAbortCalled);
  // The first byte of a function is where it is entered, never where a call returns to.
  CHECK(reason_of({in_function(5, 0)}, functions) == EndReason::kFatalError);
}

TEST_CASE("an uncaught exception is an abort right below Isolate::Throw") {
  const Functions functions(kNames);
  CHECK(reason_of({in_function(1), 0, in_function(3)}, functions) == EndReason::kUncaughtException);
  // Isolate::Throw may have left its address behind: alone, or far away, it says nothing.
  CHECK(!reason_of({in_function(3)}, functions));
  std::vector<uint64_t> far(20, 0);
  far.front() = in_function(1);
  far.back() = in_function(3);
  CHECK(!reason_of(far, functions));
}

TEST_CASE("the trap that ends OS::Abort is where the thread stands, not on its stack") {
  const Functions functions(kNames);
  CHECK(reason_of({0, in_function(3)}, functions, in_function(1)) == EndReason::kUncaughtException);
}

TEST_CASE("no reason without symbols, known functions or a stack") {
  CHECK(!reason_of({in_function(2)}, NoSymbols()));
  CHECK(!reason_of({1, 2, 3}, Functions(kNames)));
  ThreadInfo lost;
  lost.sp = Address(0x1000);
  CHECK(!find_end_reason(lost, SegmentedMemory({}), Functions(kNames)));
}

}  // namespace
}  // namespace corewalk
