// From a call in compiled code to its caller, by unwind tables written here; and tables that lie.

#include <dwarf.h>

#include <algorithm>
#include <memory>

#include "memory/segmented_memory.h"
#include "support/byte_writer.h"
#include "support/catch.h"
#include "unwind/expression.h"
#include "unwind/native_unwinder.h"

namespace corewalk {
namespace {

using test::Bytes;
using test::ByteWriter;

constexpr uint64_t kCode = 0x400000;
constexpr uint64_t kFunctionBytes = 0x100;
constexpr uint64_t kLeaf = kCode;                       // leaves the stack as its call left it
constexpr uint64_t kFramed = kLeaf + kFunctionBytes;    // keeps rbp as a frame pointer
constexpr uint64_t kStart = kFramed + kFunctionBytes;   // nobody calls it
constexpr uint64_t kUnknown = kStart + kFunctionBytes;  // no table knows it
constexpr uint64_t kTables = 0x500000;
constexpr uint64_t kStack = 0x7ff000;
constexpr uint64_t kStackBytes = 0x1000;

/// .eh_frame_hdr and behind it .eh_frame, with an entry a function, as gcc writes them.
Bytes make_tables() {
  struct Function {
    uint64_t begin;
    Bytes rules;
  };
  const auto rules = [](std::initializer_list<uint8_t> bytes) {
    ByteWriter writer;
    for (const uint8_t byte : bytes) writer.put(byte);
    return writer.take();
  };
  const std::vector<Function> functions = {
      {kLeaf, {}},
      // CFA = rbp + 16; rbp is kept at CFA - 16.
      {kFramed, rules({DW_CFA_def_cfa, 6, 16, DW_CFA_offset | 6, 2})},
      {kStart, rules({DW_CFA_undefined, 16})}};

  const size_t index_bytes = 12 + 8 * functions.size();
  const auto relative = [](uint64_t to, uint64_t from) {
    return static_cast<int32_t>(static_cast<int64_t>(to - from));
  };
  ByteWriter table;  // .eh_frame
  // CIE: augmentation "zR", addresses relative; CFA = rsp + 8, the return address at CFA - 8.
  const Bytes common = rules({1, 'z', 'R', 0, 1, 0x78, 16, 1, DW_EH_PE_pcrel | DW_EH_PE_sdata4,
                              DW_CFA_def_cfa, 7, 8, DW_CFA_offset | 16, 1, 0, 0, 0, 0});
  table.put(static_cast<uint32_t>(common.size() + 4)).put(uint32_t{0}).put_bytes(common);
  ByteWriter index;
  index.put(uint8_t{1}).put(uint8_t{0x1b}).put(uint8_t{0x03}).put(uint8_t{0x3b});
  index.put(relative(kTables + index_bytes, kTables + 4));
  index.put(static_cast<uint32_t>(functions.size()));
  for (const Function& function : functions) {
    const uint64_t entry = kTables + index_bytes + table.size();
    index.put(relative(function.begin, kTables)).put(relative(entry, kTables));
    Bytes body = function.rules;
    body.resize((body.size() + 1 + 3) / 4 * 4 - 1);  // padded with DW_CFA_nop
    table.put(static_cast<uint32_t>(4 + 8 + 1 + body.size()));
    table.put(static_cast<uint32_t>(table.size()));  // back to the CIE, which is at 0
    table.put(relative(function.begin, kTables + index_bytes + table.size()));
    table.put(static_cast<uint32_t>(kFunctionBytes)).put(uint8_t{0}).put_bytes(body);
  }
  table.put(uint32_t{0});
  return ByteWriter().put_bytes(index.bytes()).put_bytes(table.bytes()).take();
}

/// A process with one module and a stack.
class Process final : public CodeModules {
 public:
  explicit Process(Bytes tables = make_tables()) : tables_(std::move(tables)), stack_(kStackBytes) {
    module_.path = "/bin/sample";
    module_.range = AddressRange(Address(kCode), Address(kTables + tables_.size()));
    module_.unwind_tables = AddressRange(Address(kTables), tables_.size());
    module_.symbols = &no_symbols_;
  }

  [[nodiscard]] const CodeModule* find(Address address) const override {
    return module_.range.contains(address) ? &module_ : nullptr;
  }

  void set(uint64_t address, uint64_t value) { test::poke(stack_, address - kStack, value); }

  /// Call after all set().
  NativeUnwinder unwinder() {
    const auto piece = [](uint64_t begin, const Bytes& bytes) {
      SegmentedMemory::Piece made;
      made.segment = {.range = AddressRange(Address(begin), bytes.size()),
                      .residency = Residency::kPresent,
                      .readable = true};
      made.bytes = bytes.data();
      return made;
    };
    memory_ = std::make_unique<SegmentedMemory>(
        std::vector<SegmentedMemory::Piece>{piece(kTables, tables_), piece(kStack, stack_)});
    module_.constants = memory_.get();
    return {*memory_, *this};
  }

 private:
  Bytes tables_;
  Bytes stack_;
  NoSymbols no_symbols_;
  CodeModule module_;
  std::unique_ptr<SegmentedMemory> memory_;
};

Registers at(uint64_t pc, uint64_t sp, uint64_t fp) {
  Registers registers(Machine::kX86_64);
  registers.set_pc(Address(pc));
  registers.set_sp(Address(sp));
  registers.set_fp(Address(fp));
  return registers;
}

TEST_CASE("unwind tables lead from the innermost call to the outermost", "[unwind]") {
  Process process;
  const uint64_t sp = kStack + 0x100;
  const uint64_t frame = sp + 0x40;
  process.set(sp, kFramed + 8);
  process.set(frame, 0x1234);
  process.set(frame + 8, kStart + 4);
  NativeUnwinder unwinder = process.unwinder();

  const auto first = unwinder.step(at(kLeaf + 4, sp, frame), false);
  REQUIRE(first.caller);
  CHECK(first.caller->pc() == Address(kFramed + 8));
  CHECK(first.caller->sp() == Address(sp + 8));
  CHECK(first.caller->fp() == Address(frame));
  CHECK_FALSE(first.caller_was_interrupted);

  const auto second = unwinder.step(*first.caller, true);
  REQUIRE(second.caller);
  CHECK(second.caller->pc() == Address(kStart + 4));
  CHECK(second.caller->sp() == Address(frame + 16));
  CHECK(second.caller->fp() == Address(0x1234));

  const auto third = unwinder.step(*second.caller, true);
  CHECK(third.is_outermost);
  CHECK_FALSE(third.caller);
}

TEST_CASE("a return address counts as the call before it", "[unwind]") {
  Process process;
  process.set(kStack, kFramed + 1);
  NativeUnwinder unwinder = process.unwinder();
  // The call was the last instruction of the leaf: its return address is the next function's.
  CHECK(unwinder.step(at(kFramed, kStack, 0), true).caller->sp() == Address(kStack + 8));
  CHECK_FALSE(unwinder.step(at(kFramed, kStack, 0), false).caller);
}

TEST_CASE("code that no table knows has no caller", "[unwind]") {
  Process process;
  NativeUnwinder unwinder = process.unwinder();
  for (const uint64_t pc : {kUnknown, uint64_t{0x10}}) {
    const auto step = unwinder.step(at(pc, kStack, kStack), false);
    CHECK(step.has_no_rules);
    CHECK_FALSE(step.caller);
    CHECK_FALSE(step.problem.empty());
  }
}

TEST_CASE("a stack that is not in the core ends the walk, and says where", "[unwind]") {
  Process process;
  NativeUnwinder unwinder = process.unwinder();
  const auto step = unwinder.step(at(kLeaf, 0x10, 0), false);
  CHECK_FALSE(step.caller);
  CHECK_FALSE(step.is_outermost);
  CHECK(step.problem == "the return address of 0x400000 is not in the core");
}

TEST_CASE("frames that do not ascend end the walk", "[unwind]") {
  Process process;
  const uint64_t frame = kStack + 0x200;
  process.set(frame, frame);  // its own caller
  process.set(frame + 8, kFramed + 8);
  NativeUnwinder unwinder = process.unwinder();
  auto step = unwinder.step(at(kFramed + 8, kStack + 0x100, frame), false);
  REQUIRE(step.caller);
  step = unwinder.step(*step.caller, true);
  CHECK_FALSE(step.caller);
  CHECK(step.problem == "the frame of 0x400108 is damaged: its caller's lies no higher");
}

TEST_CASE("damaged unwind tables give some answer or none, and never hang", "[unwind]") {
  const Bytes good = make_tables();
  for (size_t offset = 0; offset < good.size(); ++offset) {
    for (const int value : {0x00, 0x01, 0x0f, 0x10, 0x16, 0x7f, 0x80, 0xff}) {
      Bytes bad = good;
      bad[offset] = static_cast<std::byte>(value);
      Process process(std::move(bad));
      NativeUnwinder unwinder = process.unwinder();
      for (const uint64_t pc : {kLeaf, kFramed + 4, kStart}) {
        (void)unwinder.step(at(pc, kStack, kStack + 64), false);
      }
    }
  }
  for (size_t size = 0; size < good.size(); ++size) {
    Process process(Bytes(good.begin(), good.begin() + static_cast<ptrdiff_t>(size)));
    NativeUnwinder unwinder = process.unwinder();
    (void)unwinder.step(at(kFramed + 4, kStack, kStack + 64), false);
  }
}

std::string problem_of(Bytes tables) {
  Process process(std::move(tables));
  NativeUnwinder unwinder = process.unwinder();
  return unwinder.step(at(kFramed + 4, kStack, kStack + 64), false).problem;
}

TEST_CASE("tables that would cost libdw gigabytes are not given to it", "[unwind]") {
  const Bytes good = make_tables();
  CHECK(problem_of(good).empty());
  // The second entry's rule becomes one of register 2175.
  const Bytes rule = {std::byte{DW_CFA_def_cfa}, std::byte{6}, std::byte{16}};
  const auto found = std::search(good.begin(), good.end(), rule.begin(), rule.end());
  REQUIRE(found != good.end());
  Bytes bad = good;
  bad[static_cast<size_t>(found - good.begin()) + 1] = std::byte{0xff};
  CHECK(problem_of(bad) == "the unwind tables of /bin/sample are damaged");
  // The index names what is no entry: a place in the middle of one, that nobody looked at.
  bad = good;
  constexpr size_t kFirstEntry = 16;
  bad[kFirstEntry] = std::byte{static_cast<uint8_t>(std::to_integer<int>(bad[kFirstEntry]) + 4)};
  CHECK(problem_of(bad) == "the unwind tables of /bin/sample are damaged");
}

std::optional<uint64_t> value_of(const std::vector<Operation>& operations) {
  const SegmentedMemory memory({});
  const auto result = evaluate(operations, at(kCode + 13, kStack, 0), {}, memory);
  return result ? std::optional(result->value) : std::nullopt;
}

Operation op(uint8_t code, uint64_t operand = 0, uint64_t offset = 0) {
  return {.code = code, .operand = operand, .offset = offset};
}

TEST_CASE("the rule of a procedure linkage table is evaluated", "[unwind]") {
  // rsp + 8 + ((rip & 15) >= 11) << 3: the second half of an entry has pushed a word.
  CHECK(value_of({op(DW_OP_breg7, 8), op(DW_OP_breg16), op(DW_OP_lit15), op(DW_OP_and),
                  op(DW_OP_lit11), op(DW_OP_ge), op(DW_OP_lit3), op(DW_OP_shl), op(DW_OP_plus)}) ==
        kStack + 16);
}

TEST_CASE("expressions work on a stack", "[unwind]") {
  CHECK(value_of({op(DW_OP_lit2), op(DW_OP_lit5), op(DW_OP_minus)}) == ~uint64_t{2});
  CHECK(value_of({op(DW_OP_lit1), op(DW_OP_lit2), op(DW_OP_lit3), op(DW_OP_rot)}) == 2);
  CHECK(value_of({op(DW_OP_lit1), op(DW_OP_lit2), op(DW_OP_swap)}) == 1);
  CHECK(value_of({op(DW_OP_lit7), op(DW_OP_lit1), op(DW_OP_pick, 1)}) == 7);
  CHECK(value_of({op(DW_OP_const1s, ~uint64_t{0}), op(DW_OP_lit0), op(DW_OP_lt)}) == 1);
  CHECK(value_of({op(DW_OP_lit1), op(DW_OP_const1u, 64), op(DW_OP_shl)}) == 0);
  CHECK(value_of({op(DW_OP_lit1, 0, 0), op(DW_OP_bra, 1, 1), op(DW_OP_lit9, 0, 4),
                  op(DW_OP_lit4, 0, 5)}) == 4);
}

TEST_CASE("expressions that make no sense give nothing", "[unwind]") {
  CHECK_FALSE(value_of({}));
  CHECK_FALSE(value_of({op(DW_OP_plus)}));
  CHECK_FALSE(value_of({op(DW_OP_lit1), op(DW_OP_rot)}));
  CHECK_FALSE(value_of({op(DW_OP_lit1), op(DW_OP_pick, 1)}));
  CHECK_FALSE(value_of({op(DW_OP_breg3)}));             // rbx is not known
  CHECK_FALSE(value_of({op(DW_OP_bregx, 1'000'000)}));  // no such register
  CHECK_FALSE(value_of({op(DW_OP_call_frame_cfa)}));
  CHECK_FALSE(value_of({op(DW_OP_lit8), op(DW_OP_deref)}));  // not in the core
  CHECK_FALSE(value_of({op(DW_OP_lit8), op(DW_OP_deref_size, 200)}));
  CHECK_FALSE(value_of({op(DW_OP_lit1), op(DW_OP_skip, 7, 1)}));  // into nowhere
  const auto back = static_cast<uint64_t>(-4);
  CHECK_FALSE(value_of({op(DW_OP_lit1, 0, 0), op(DW_OP_skip, back, 1)}));  // for ever
}

}  // namespace
}  // namespace corewalk
