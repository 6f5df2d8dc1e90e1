#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"

namespace corewalk::v8 {

/// Index of an isolate in Heap::isolates().
using IsolateIndex = uint32_t;
/// Read-only pages of V8 10 and later belong to no isolate.
inline constexpr IsolateIndex kSharedByAll = std::numeric_limits<IsolateIndex>::max();

/// One page of a V8 heap: the part of a mapping that holds objects. Normal pages are 256 KiB with a
/// header in front; a large page is longer and holds one object.
struct HeapPage {
  Address chunk;      ///< base of the page, where its header lies
  Address metadata;   ///< where the rest of the header lies (the chunk itself up to V8 12)
  AddressRange area;  ///< where objects are
  uint64_t committed_bytes = 0;
  uint64_t flags = 0;
  IsolateIndex isolate = kSharedByAll;
  uint32_t space = 0;  ///< V8's AllocationSpace number; names are in the layout
  bool large = false;
  bool read_only = false;
  /// V8 had not finished sweeping, or not finished moving objects there: dead objects may remain
  /// whose maps are gone.
  bool unswept = false;
  std::optional<uint64_t> allocated_bytes;  ///< V8's own count of live and dead objects

  /// Bytes of `area`. Where the core lacks some, they read as zero and `missing` names them.
  ByteView bytes;
  std::vector<AddressRange> missing;
  /// [top, limit) of open allocation areas, pages of the unused semi-space: not formatted as
  /// objects. Ascending, disjoint.
  std::vector<AddressRange> unformatted;
  /// The marking bitmap of a page that a collection was moving objects away from when the process
  /// died: a bit for each word of the page, from `chunk` on, set where a live object begins. What
  /// has none is garbage. Empty for all other pages.
  std::vector<std::byte> marks;
  /// Holds `bytes` where they are not the core's own: scattered there, or mended.
  std::shared_ptr<std::vector<std::byte>> copy;
};

}  // namespace corewalk::v8
