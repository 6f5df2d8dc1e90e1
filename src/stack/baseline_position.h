#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "memory/address_space.h"
#include "memory/symbol_source.h"

namespace corewalk {

/// Bytes that each bytecode takes with its operands, as the program that ran has it
/// (Bytecodes::kBytecodeSizes): three rows, for operands of one, two and four bytes.
class BytecodeSizes {
 public:
  /// Empty if the program has no such symbol, as one whose symbols were stripped.
  [[nodiscard]] static BytecodeSizes read(const SymbolSource& symbols, const AddressSpace& memory);
  explicit BytecodeSizes(std::span<const std::byte> table) : table_(table) {}

  /// Bytes of the bytecode that begins at `offset`, a prefix included; absent if it is none.
  [[nodiscard]] std::optional<uint64_t> size_at(std::span<const std::byte> bytecodes,
                                                uint64_t offset) const;

 private:
  std::span<const std::byte> table_;
};

/// The bytecode that an instruction of baseline code was made from
/// (baseline/bytecode-offset-iterator.h): the table holds the length of the prologue, then that of
/// the code of each bytecode.
[[nodiscard]] std::optional<uint64_t> bytecode_of_baseline(const BytecodeSizes& sizes,
                                                           std::span<const std::byte> bytecodes,
                                                           std::span<const std::byte> table,
                                                           uint64_t pc_offset);

}  // namespace corewalk
