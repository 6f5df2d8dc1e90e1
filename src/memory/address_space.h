#pragma once

#include <span>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"

namespace corewalk {

/// What a host knows about one address. "Mapped but not saved" is not "zero".
enum class Residency : uint8_t { kUnmapped, kNotInCore, kTruncated, kPresent };

/// A run of addresses of one residency, with the permissions of its mapping.
struct Segment {
  AddressRange range;
  Residency residency = Residency::kUnmapped;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool from_file = false;  ///< bytes overlaid from the executable or a library, not from the core
};

/// The memory of one process: a core file with its executable, a live process under a debugger, or
/// bytes made by a test. Thread-safe for concurrent readers.
class AddressSpace {
 public:
  virtual ~AddressSpace() = default;

  /// The bytes of `range` without copying. Faults if any byte is missing, or (kScattered) if the
  /// bytes are present but not contiguous in the backing store. The view lives as long as *this.
  [[nodiscard]] virtual Result<ByteView> view(AddressRange range) const = 0;

  /// The longest contiguous view that starts at `start`, at most `max_bytes` long. Never empty on
  /// success.
  [[nodiscard]] virtual Result<ByteView> view_prefix(Address start, uint64_t max_bytes) const = 0;

  /// All segments in ascending order, not overlapping.
  [[nodiscard]] virtual std::span<const Segment> segments() const = 0;

  /// Residency of one address.
  [[nodiscard]] Residency residency(Address address) const;

  /// The segment that holds `address`, or null. Valid as long as *this.
  [[nodiscard]] const Segment* find_segment(Address address) const;

  /// Copies what is present of `range` into `out` (same size), zero-fills the rest, and returns the
  /// number of bytes that were present.
  [[nodiscard]] uint64_t read_partial(AddressRange range, std::span<std::byte> out) const;

  /// A trivially copyable value at `address`; works across segment borders.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] Result<T> read(Address address, const char* reading = "memory") const {
    Result<ByteView> bytes = view_prefix(address, sizeof(T));
    if (!bytes) return Fault{bytes.fault().kind, bytes.fault().where, reading};
    if (bytes->size() == sizeof(T)) return bytes->template read<T>(0, reading);
    std::byte copy[sizeof(T)];
    if (read_partial({address, sizeof(T)}, copy) != sizeof(T)) {
      return first_missing({address, sizeof(T)}, reading);
    }
    T value;
    std::memcpy(&value, copy, sizeof(T));
    return value;
  }

 protected:
  /// Why `range` cannot be had in one piece: the first byte of it that is missing, or kScattered at
  /// its start if none is.
  [[nodiscard]] Fault first_missing(AddressRange range, const char* reading) const;

 private:
  /// The start of the next present segment above `from`, at most `limit`.
  [[nodiscard]] Address next_present(Address from, Address limit) const;
};

}  // namespace corewalk
