#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include "base/address.h"
#include "base/result.h"

namespace corewalk {

/// Bytes of the target together with the address they came from. Does not own: it lives as long as
/// the AddressSpace it was taken from. Every read is bounded and alignment-free.
class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(Address base, std::span<const std::byte> bytes) : base_(base), bytes_(bytes) {}

  [[nodiscard]] constexpr Address base() const { return base_; }
  [[nodiscard]] constexpr AddressRange range() const { return {base_, bytes_.size()}; }
  [[nodiscard]] constexpr size_t size() const { return bytes_.size(); }
  [[nodiscard]] constexpr const std::byte* data() const { return bytes_.data(); }
  [[nodiscard]] constexpr std::span<const std::byte> bytes() const { return bytes_; }

  /// The value at `offset` bytes from base(), or an out-of-bounds Fault.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] Result<T> read(uint64_t offset, const char* reading = "bytes") const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) {
      return Fault{FaultKind::kOutOfBounds, base_ + offset, reading};
    }
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  /// The part [offset, offset + size), shortened to what there is.
  [[nodiscard]] ByteView slice(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size()) return ByteView(base_ + offset, {});
    const uint64_t rest = bytes_.size() - offset;
    return ByteView(base_ + offset, bytes_.subspan(offset, size < rest ? size : rest));
  }

 private:
  Address base_;
  std::span<const std::byte> bytes_;
};

}  // namespace corewalk
