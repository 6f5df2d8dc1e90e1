#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>

namespace corewalk {

/// An address in the dead (or stopped) process. Never a pointer of ours. Arithmetic saturates at
/// both ends instead of wrapping, so that a hostile length can only produce an address that is
/// mapped nowhere.
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(uint64_t value) : value_(value) {}

  [[nodiscard]] constexpr uint64_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_null() const { return value_ == 0; }
  [[nodiscard]] constexpr bool is_aligned(uint64_t power_of_two) const {
    return (value_ & (power_of_two - 1)) == 0;
  }
  [[nodiscard]] constexpr Address align_down(uint64_t power_of_two) const {
    return Address(value_ & ~(power_of_two - 1));
  }
  [[nodiscard]] constexpr Address align_up(uint64_t power_of_two) const {
    return (*this + (power_of_two - 1)).align_down(power_of_two);
  }

  // clang-tidy 14 sees a null pointer in the comparison with 0 that this stands for.
  constexpr auto operator<=>(const Address&) const = default;  // NOLINT(modernize-use-nullptr)

  [[nodiscard]] friend constexpr Address operator+(Address a, uint64_t bytes) {
    const uint64_t sum = a.value_ + bytes;
    return Address(sum < a.value_ ? std::numeric_limits<uint64_t>::max() : sum);
  }
  [[nodiscard]] friend constexpr Address operator-(Address a, uint64_t bytes) {
    return Address(a.value_ < bytes ? 0 : a.value_ - bytes);
  }
  /// Distance in bytes; 0 if `b` lies above `a`.
  [[nodiscard]] friend constexpr uint64_t operator-(Address a, Address b) {
    return a.value_ < b.value_ ? 0 : a.value_ - b.value_;
  }

 private:
  uint64_t value_ = 0;
};

/// Half-open range of target addresses. `end < begin` cannot be built: it becomes empty.
class AddressRange {
 public:
  constexpr AddressRange() = default;
  constexpr AddressRange(Address begin, Address end) : begin_(begin), end_(std::max(begin, end)) {}
  constexpr AddressRange(Address begin, uint64_t size_bytes)
      : AddressRange(begin, begin + size_bytes) {}

  [[nodiscard]] constexpr Address begin() const { return begin_; }
  [[nodiscard]] constexpr Address end() const { return end_; }
  [[nodiscard]] constexpr uint64_t size() const { return end_ - begin_; }
  [[nodiscard]] constexpr bool empty() const { return begin_ == end_; }
  [[nodiscard]] constexpr bool contains(Address a) const { return begin_ <= a && a < end_; }
  [[nodiscard]] constexpr bool contains(const AddressRange& r) const {
    return begin_ <= r.begin_ && r.end_ <= end_;
  }
  [[nodiscard]] constexpr bool overlaps(const AddressRange& r) const {
    return begin_ < r.end_ && r.begin_ < end_;
  }
  [[nodiscard]] constexpr AddressRange intersect(const AddressRange& r) const {
    const Address low = std::max(begin_, r.begin_);
    return {low, std::max(low, std::min(end_, r.end_))};
  }

  constexpr auto operator<=>(const AddressRange&) const = default;

 private:
  Address begin_;
  Address end_;
};

}  // namespace corewalk

template <>
struct std::hash<corewalk::Address> {
  size_t operator()(corewalk::Address a) const noexcept {
    return static_cast<size_t>((a.value() >> 3) * 0x9E3779B97F4A7C15ULL);
  }
};
