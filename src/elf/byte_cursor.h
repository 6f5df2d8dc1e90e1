#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace corewalk {

/// Reads forward through bytes that nobody vouches for. Never reads past the end; a read that fails
/// leaves the position where it was.
class ByteCursor {
 public:
  explicit ByteCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] size_t position() const { return position_; }
  [[nodiscard]] size_t remaining() const { return bytes_.size() - position_; }
  [[nodiscard]] bool at_end() const { return remaining() == 0; }

  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::optional<T> read() {
    if (remaining() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  [[nodiscard]] std::optional<std::span<const std::byte>> take(uint64_t size_bytes) {
    if (size_bytes > remaining()) return std::nullopt;
    const auto part = bytes_.subspan(position_, size_bytes);
    position_ += part.size();
    return part;
  }

  /// Text up to a NUL, which is skipped; nothing if there is no NUL.
  [[nodiscard]] std::optional<std::string_view> c_string() {
    if (at_end()) return std::nullopt;
    const auto* const begin = reinterpret_cast<const char*>(bytes_.data() + position_);
    const auto* const nul = static_cast<const char*>(std::memchr(begin, 0, remaining()));
    if (nul == nullptr) return std::nullopt;
    const auto length = static_cast<size_t>(nul - begin);
    position_ += length + 1;
    return std::string_view(begin, length);
  }

  /// Moves to the next multiple of `power_of_two`, or to the end if that lies behind it: the
  /// padding of the last record is often left out.
  void align(size_t power_of_two) {
    const size_t rest = position_ & (power_of_two - 1);
    if (rest != 0) position_ += std::min(power_of_two - rest, remaining());
  }

 private:
  std::span<const std::byte> bytes_;
  size_t position_ = 0;
};

/// The value of type T at `offset`, or nothing if it does not fit into `bytes`.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> read_at(std::span<const std::byte> bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// The part [offset, offset + size) of `bytes`, shortened to what there is.
[[nodiscard]] inline std::span<const std::byte> clip(std::span<const std::byte> bytes,
                                                     uint64_t offset, uint64_t size_bytes) {
  if (offset >= bytes.size()) return {};
  return bytes.subspan(offset, std::min<uint64_t>(size_bytes, bytes.size() - offset));
}

/// Text in a field of fixed size: up to the first NUL, or all of it.
[[nodiscard]] inline std::string_view fixed_text(std::span<const std::byte> field) {
  const auto* const begin = reinterpret_cast<const char*>(field.data());
  const std::string_view all(begin, field.size());
  return all.substr(0, all.find('\0'));
}

}  // namespace corewalk
