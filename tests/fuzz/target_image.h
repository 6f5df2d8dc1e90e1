#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "memory/segmented_memory.h"
#include "memory/symbol_source.h"
#include "session/session.h"
#include "support/byte_writer.h"

namespace corewalk::fuzz {

/// A process to be mutated: copies of the parts of its memory that an examination reads, the
/// symbols it looks up, and what was said about it. Small enough to be examined many times a
/// second.
class TargetImage {
 public:
  struct Region {
    Segment segment;  ///< present
    test::Bytes bytes;
  };
  struct NamedAddress {
    std::string name;
    Address address;
    uint64_t size_bytes = 0;
  };

  /// The sample heap of tests/support/ in the layout with this index.
  static TargetImage of_sample(size_t layout_index);
  /// What an examination of a core touches of it.
  static TargetImage of_core(const std::filesystem::path& core);

  /// Where the regions of the core itself (not of the executable) lie, one behind the other: what
  /// mutations address.
  [[nodiscard]] uint64_t size_bytes() const { return size_bytes_; }
  /// The byte at `offset` of that and what follows it in the same region.
  [[nodiscard]] std::span<std::byte> from(uint64_t offset);

  /// A session on the image as it stands, without what lies from `cut` on and without `holes`
  /// (4 KiB pages by offset). Valid as long as the image is neither changed nor gone.
  [[nodiscard]] std::unique_ptr<Session> open(uint64_t cut, std::span<const uint64_t> holes,
                                              bool force, Progress& progress) const;

 private:
  void add_region(const Segment& segment, test::Bytes bytes);
  void add_symbols(const SymbolSource& symbols);

  std::vector<Region> regions_;
  std::vector<uint64_t> offsets_;  // parallel: where a region starts
  uint64_t size_bytes_ = 0;
  std::vector<Region> file_regions_;
  std::vector<NamedAddress> symbols_;  // by name
  ProcessInfo process_;                // its threads
};

}  // namespace corewalk::fuzz
