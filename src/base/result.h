#pragma once

#include <cassert>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/address.h"

namespace corewalk {

/// Why a piece of target data could not be had. A closed set: what a caller does next depends on
/// it.
enum class FaultKind : uint8_t {
  kUnmapped,   ///< no mapping of the process covers the address
  kNotInCore,  ///< mapped, but the core does not hold its bytes
  kTruncated,  ///< the core should hold it, but the file ends before
  kScattered,  ///< present, but not contiguous in the backing store: read it by copy
  kOutOfBounds,
  kMisaligned,
  kBadValue,   ///< bytes are there, and cannot be what they should be
  kWrongType,  ///< a valid object of another kind
};

[[nodiscard]] constexpr std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::kUnmapped:
      return "not mapped";
    case FaultKind::kNotInCore:
      return "not saved in the core";
    case FaultKind::kTruncated:
      return "cut off: the core file is truncated";
    case FaultKind::kScattered:
      return "not contiguous";
    case FaultKind::kOutOfBounds:
      return "out of bounds";
    case FaultKind::kMisaligned:
      return "misaligned";
    case FaultKind::kBadValue:
      return "damaged";
    case FaultKind::kWrongType:
      return "of another type than expected";
  }
  return "unknown fault";
}

/// Damaged or missing target data, as a value. Names the address and what was being read
/// (a string literal: faults never allocate).
struct Fault {
  FaultKind kind = FaultKind::kBadValue;
  Address where;
  const char* reading = "";
};

/// A value or the Fault that prevented it.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: by design
  Result(Fault fault) : state_(std::in_place_index<1>, fault) {}         // NOLINT: by design

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }
  [[nodiscard]] T value_or(T other) const { return ok() ? value() : std::move(other); }

  [[nodiscard]] const Fault& fault() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Fault> state_;
};

}  // namespace corewalk
