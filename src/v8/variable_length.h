#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace corewalk::v8 {

/// Reads V8's variable-length integers: 7 bits a byte, the lowest first, bit 7 = another byte
/// follows (base/vlq.h). At the end, or at a number longer than 64 bits, all reads give nothing.
class VariableLengthReader {
 public:
  explicit VariableLengthReader(std::span<const std::byte> bytes, size_t position = 0)
      : bytes_(bytes), position_(position) {}

  [[nodiscard]] size_t position() const { return position_; }
  [[nodiscard]] bool at_end() const { return position_ >= bytes_.size(); }

  /// False if there are not so many bytes.
  bool skip(uint64_t bytes) {
    if (position_ > bytes_.size() || bytes > bytes_.size() - position_) return false;
    position_ += bytes;
    return true;
  }

  [[nodiscard]] std::optional<uint8_t> peek() const {
    return at_end() ? std::nullopt : std::optional(std::to_integer<uint8_t>(bytes_[position_]));
  }

  std::optional<uint64_t> read_unsigned() {
    constexpr unsigned kWordBits = 64;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < kWordBits; shift += 7) {
      if (at_end()) return {};
      const auto byte = std::to_integer<uint64_t>(bytes_[position_++]);
      value |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    position_ = bytes_.size();
    return {};
  }

  /// The form of V8's older tables: bit 0 says that another byte follows.
  std::optional<uint64_t> read_low_bit_first() {
    constexpr unsigned kWordBits = 64;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < kWordBits; shift += 7) {
      if (at_end()) return {};
      const auto byte = std::to_integer<uint64_t>(bytes_[position_++]);
      value |= (byte >> 1) << shift;
      if ((byte & 1) == 0) return value;
    }
    position_ = bytes_.size();
    return {};
  }

  /// 0, -1, 1, -2, ... as 0, 1, 2, 3, ...
  std::optional<int64_t> read_zigzag() {
    const auto value = read_unsigned();
    if (!value) return {};
    return static_cast<int64_t>((*value >> 1) ^ (~(*value & 1) + 1));
  }

 private:
  std::span<const std::byte> bytes_;
  size_t position_;
};

}  // namespace corewalk::v8
