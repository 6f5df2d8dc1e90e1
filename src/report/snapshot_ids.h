#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// A stretch of heap that objects lie in.
struct SnapshotPage {
  AddressRange range;
  bool large = false;  ///< holds one object, which begins in its first 256 KiB
};

/// The ids of nodes, which say where an object lies: the list of pages alone turns "@id" back into
/// an address, and two runs on the same core give the same ids. As in V8's files, they are odd for
/// objects of the heap and even for what lies outside of it.
///
/// Pages are numbered in 256 KiB granules in the order they are given, and within a granule words
/// of 8 bytes are: up to 16 GiB of pages an id is exact. Up to 32 GiB cells of 16 bytes are
/// numbered instead, as no two objects begin within 16 bytes; which of the two words of the cell is
/// meant is then left to who knows the objects. The first 1024 odd ids are for synthetic roots.
class SnapshotIds {
 public:
  static constexpr uint32_t kRootIds = 1024;

  /// Pages do not overlap. Throws Failure(kUsage) above 32 GiB.
  explicit SnapshotIds(std::span<const SnapshotPage> pages);

  /// Of the n-th synthetic root: 1, 3, 5, ...; n < kRootIds.
  [[nodiscard]] static uint32_t root_id(uint32_t n) { return 2 * n + 1; }
  /// Of the object at `address`, which lies on pages[page].
  [[nodiscard]] uint32_t object_id(size_t page, Address address) const;
  /// Of what lies outside the heap and belongs to the object of that id: the bytes of an
  /// ArrayBuffer, the characters of an external string.
  [[nodiscard]] static uint32_t native_id(uint32_t owner) { return owner + 1; }

  struct Place {
    AddressRange cell;    ///< the object begins in it: 8 or 16 bytes
    bool native = false;  ///< it is what the object has outside the heap
  };
  /// Absent if no page has the id, or it is that of a root.
  [[nodiscard]] std::optional<Place> find(uint32_t id) const;

 private:
  std::vector<SnapshotPage> pages_;
  std::vector<uint32_t> first_granule_;  ///< by page, and their number
  unsigned cell_bits_;
};

}  // namespace corewalk
