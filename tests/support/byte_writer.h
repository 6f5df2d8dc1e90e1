#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace corewalk::test {

using Bytes = std::vector<std::byte>;

/// Builds up little-endian bytes (we only run on such machines).
class ByteWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T> ByteWriter& put(const T& value) {
    const auto* const begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(T));
    return *this;
  }
  ByteWriter& put_bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  /// Without a NUL.
  ByteWriter& put_text(std::string_view text) { return put_bytes(std::as_bytes(std::span(text))); }
  /// With a NUL.
  ByteWriter& put_string(std::string_view text) { return put_text(text).put('\0'); }
  /// Zeros up to `size` bytes in all; nothing if there are as many already.
  ByteWriter& pad_to(size_t size) {
    if (bytes_.size() < size) bytes_.resize(size);
    return *this;
  }
  ByteWriter& align(size_t power_of_two) {
    return pad_to((bytes_.size() + power_of_two - 1) & ~(power_of_two - 1));
  }

  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  return ByteWriter().put_text(text).take();
}

/// Overwrites the T at `offset`.
template <class T>
void poke(Bytes& bytes, size_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

}  // namespace corewalk::test
