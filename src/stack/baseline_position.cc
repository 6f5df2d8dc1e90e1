#include "stack/baseline_position.h"

#include "v8/variable_length.h"

namespace corewalk {

constexpr uint64_t kScales = 3;

BytecodeSizes BytecodeSizes::read(const SymbolSource& symbols, const AddressSpace& memory) {
  constexpr uint64_t kMaxBytecodes = 256;
  const auto symbol = symbols.find("_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE");
  if (!symbol || symbol->size_bytes % kScales != 0 ||
      symbol->size_bytes > kScales * kMaxBytecodes) {
    return BytecodeSizes({});
  }
  const auto bytes = memory.view({symbol->address, symbol->size_bytes});
  return BytecodeSizes(bytes ? bytes->bytes() : std::span<const std::byte>());
}

std::optional<uint64_t> BytecodeSizes::size_at(std::span<const std::byte> bytecodes,
                                               uint64_t offset) const {
  constexpr uint64_t kPrefixes = 4;  // Wide, ExtraWide, and the same two with a break point
  if (offset >= bytecodes.size()) return {};
  auto bytecode = std::to_integer<uint64_t>(bytecodes[offset]);
  uint64_t scale = 0;
  uint64_t prefix = 0;
  if (bytecode < kPrefixes) {
    if (offset + 1 >= bytecodes.size()) return {};
    scale = 1 + bytecode % 2;
    prefix = 1;
    bytecode = std::to_integer<uint64_t>(bytecodes[offset + 1]);
  }
  const uint64_t count = table_.size() / kScales;
  if (bytecode >= count) return {};
  const auto size = std::to_integer<uint64_t>(table_[scale * count + bytecode]);
  return size == 0 ? std::nullopt : std::optional(prefix + size);
}

std::optional<uint64_t> bytecode_of_baseline(const BytecodeSizes& sizes,
                                             std::span<const std::byte> bytecodes,
                                             std::span<const std::byte> table, uint64_t pc_offset) {
  v8::VariableLengthReader reader(table);
  const auto prologue = reader.read_unsigned();
  if (!prologue) return {};
  if (pc_offset <= *prologue) return 0;
  uint64_t end = *prologue;
  for (uint64_t offset = 0;;) {
    const auto length = reader.read_unsigned();
    if (!length) return {};
    end += *length;
    if (pc_offset <= end) return offset;
    const auto size = sizes.size_at(bytecodes, offset);
    if (!size) return {};
    offset += *size;
  }
}

}  // namespace corewalk
