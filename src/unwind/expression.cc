#include "unwind/expression.h"

#include <dwarf.h>

#include <algorithm>
#include <vector>

namespace corewalk {
namespace {

constexpr size_t kMaxDepth = 256;
constexpr size_t kMaxSteps = 10'000;

/// The stack machine. A step that cannot be done marks it as failed.
class Evaluator {
 public:
  Evaluator(std::span<const Operation> operations, const Registers& registers,
            std::optional<Address> frame_address, const AddressSpace& memory)
      : operations_(operations),
        registers_(registers),
        frame_address_(frame_address),
        memory_(memory) {}

  Result<ExpressionResult> run() {
    for (size_t steps = 0; next_ < operations_.size() && !failed_; ++steps) {
      if (steps == kMaxSteps || stack_.size() > kMaxDepth) return fault("endless expression");
      do_one(operations_[next_++]);
    }
    if (failed_ || stack_.empty()) return fault("expression of an unwind rule");
    return ExpressionResult{stack_.back(), is_value_};
  }

 private:
  static Fault fault(const char* reading) { return {FaultKind::kBadValue, Address(), reading}; }

  void push(uint64_t value) { stack_.push_back(value); }
  void push(std::optional<uint64_t> value) {
    failed_ = failed_ || !value;
    stack_.push_back(value.value_or(0));
  }

  uint64_t pop() {
    failed_ = failed_ || stack_.empty();
    if (stack_.empty()) return 0;
    const uint64_t value = stack_.back();
    stack_.pop_back();
    return value;
  }

  /// Pushes again what lies `depth` below the top.
  void copy(uint64_t depth) {
    failed_ = failed_ || depth >= stack_.size();
    push(failed_ ? 0 : stack_[stack_.size() - 1 - depth]);
  }

  void load(uint64_t size) {
    const Address address(pop());
    uint64_t value = 0;
    const auto bytes = std::as_writable_bytes(std::span(&value, 1));
    failed_ = failed_ || size > bytes.size() ||
              memory_.read_partial({address, size}, bytes.first(size)) != size;
    push(value);
  }

  void branch(const Operation& operation) {
    constexpr uint64_t kLength = 3;  // of the operation itself, from which the distance counts
    const auto distance = static_cast<uint64_t>(static_cast<int16_t>(operation.operand));
    const uint64_t target = operation.offset + kLength + distance;
    const auto found = std::find_if(operations_.begin(), operations_.end(),
                                    [&](const Operation& o) { return o.offset == target; });
    failed_ = failed_ || found == operations_.end();
    next_ = static_cast<size_t>(found - operations_.begin());
  }

  void do_one(const Operation& operation);
  bool do_constant(const Operation& operation);
  bool do_register(const Operation& operation);
  bool do_stack(const Operation& operation);
  bool do_arithmetic(const Operation& operation);
  bool do_comparison(const Operation& operation);

  std::span<const Operation> operations_;
  const Registers& registers_;
  std::optional<Address> frame_address_;
  const AddressSpace& memory_;
  std::vector<uint64_t> stack_;
  size_t next_ = 0;
  bool is_value_ = false;
  bool failed_ = false;
};

void Evaluator::do_one(const Operation& operation) {
  switch (operation.code) {
    case DW_OP_nop:
      return;
    case DW_OP_stack_value:
      is_value_ = true;
      return;
    case DW_OP_deref:
      return load(sizeof(uint64_t));
    case DW_OP_deref_size:
      return load(operation.operand);
    case DW_OP_skip:
      return branch(operation);
    case DW_OP_bra:
      if (pop() != 0) branch(operation);
      return;
    default: {
      const bool is_known = do_constant(operation) || do_register(operation) ||
                            do_stack(operation) || do_arithmetic(operation) ||
                            do_comparison(operation);
      failed_ = failed_ || !is_known;
    }
  }
}

bool Evaluator::do_constant(const Operation& operation) {
  if (operation.code >= DW_OP_lit0 && operation.code <= DW_OP_lit31) {
    push(uint64_t{operation.code} - DW_OP_lit0);
    return true;
  }
  switch (operation.code) {  // libdw has extended their signs
    case DW_OP_addr:
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
      push(operation.operand);
      return true;
    default:
      return false;
  }
}

bool Evaluator::do_register(const Operation& operation) {
  const auto plus = [&](std::optional<uint64_t> value, uint64_t offset) {
    push(value ? std::optional(*value + offset) : std::nullopt);
  };
  if (operation.code >= DW_OP_breg0 && operation.code <= DW_OP_breg31) {
    const uint64_t number = uint64_t{operation.code} - DW_OP_breg0;
    constexpr uint64_t kX86ReturnAddress = 16;
    const bool is_pc = number == kX86ReturnAddress && registers_.machine() == Machine::kX86_64;
    plus(is_pc ? registers_.pc().value() : registers_.get(number), operation.operand);
    return true;
  }
  if (operation.code >= DW_OP_reg0 && operation.code <= DW_OP_reg31) {
    push(registers_.get(uint64_t{operation.code} - DW_OP_reg0));
    is_value_ = true;
    return true;
  }
  switch (operation.code) {
    case DW_OP_bregx:
      plus(registers_.get(operation.operand), operation.operand2);
      return true;
    case DW_OP_regx:
      push(registers_.get(operation.operand));
      is_value_ = true;
      return true;
    case DW_OP_call_frame_cfa:
      push(frame_address_ ? std::optional(frame_address_->value()) : std::nullopt);
      return true;
    default:
      return false;
  }
}

bool Evaluator::do_stack(const Operation& operation) {
  switch (operation.code) {
    case DW_OP_dup:
      copy(0);
      return true;
    case DW_OP_over:
      copy(1);
      return true;
    case DW_OP_pick:
      copy(operation.operand);
      return true;
    case DW_OP_drop:
      (void)pop();
      return true;
    case DW_OP_swap:
    case DW_OP_rot: {
      const size_t count = operation.code == DW_OP_swap ? 2 : 3;
      failed_ = failed_ || stack_.size() < count;
      if (failed_) return true;
      std::rotate(stack_.end() - static_cast<ptrdiff_t>(count), stack_.end() - 1, stack_.end());
      return true;
    }
    default:
      return false;
  }
}

bool Evaluator::do_arithmetic(const Operation& operation) {
  constexpr uint64_t kWordBits = 64;
  switch (operation.code) {
    case DW_OP_not:
      push(~pop());
      return true;
    case DW_OP_neg:
      push(0 - pop());
      return true;
    case DW_OP_plus_uconst:
      push(pop() + operation.operand);
      return true;
    case DW_OP_and:
    case DW_OP_or:
    case DW_OP_xor:
    case DW_OP_plus:
    case DW_OP_minus:
    case DW_OP_mul:
    case DW_OP_shl:
    case DW_OP_shr:
      break;
    default:
      return false;  // no compiler divides in an unwind rule
  }
  const uint64_t right = pop();
  const uint64_t left = pop();
  const bool shifts_out = right >= kWordBits;
  switch (operation.code) {
    case DW_OP_and:
      push(left & right);
      break;
    case DW_OP_or:
      push(left | right);
      break;
    case DW_OP_xor:
      push(left ^ right);
      break;
    case DW_OP_plus:
      push(left + right);
      break;
    case DW_OP_minus:
      push(left - right);
      break;
    case DW_OP_mul:
      push(left * right);
      break;
    case DW_OP_shl:
      push(shifts_out ? 0 : left << right);
      break;
    default:
      push(shifts_out ? 0 : left >> right);
      break;
  }
  return true;
}

bool Evaluator::do_comparison(const Operation& operation) {
  if (operation.code < DW_OP_eq || operation.code > DW_OP_ne) return false;
  const auto right = static_cast<int64_t>(pop());
  const auto left = static_cast<int64_t>(pop());
  switch (operation.code) {
    case DW_OP_eq:
      push(uint64_t{left == right});
      return true;
    case DW_OP_ne:
      push(uint64_t{left != right});
      return true;
    case DW_OP_lt:
      push(uint64_t{left < right});
      return true;
    case DW_OP_le:
      push(uint64_t{left <= right});
      return true;
    case DW_OP_gt:
      push(uint64_t{left > right});
      return true;
    default:
      push(uint64_t{left >= right});
      return true;
  }
}

}  // namespace

Result<ExpressionResult> evaluate(std::span<const Operation> operations, const Registers& registers,
                                  std::optional<Address> frame_address,
                                  const AddressSpace& memory) {
  return Evaluator(operations, registers, frame_address, memory).run();
}

}  // namespace corewalk
