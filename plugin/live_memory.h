#pragma once

#include <lldb/API/LLDB.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "memory/address_space.h"

namespace corewalk::plugin {

/// The memory of a process that LLDB reads for us, as long as it is stopped. Reads whole blocks of
/// 256 KiB, the size and alignment of V8's pages, and keeps them: a view must stay valid. So it may
/// come to hold as much as was looked at.
class LiveMemory final : public AddressSpace {
 public:
  explicit LiveMemory(const lldb::SBProcess& process);

  /// kScattered if `range` crosses the border of a block.
  [[nodiscard]] Result<ByteView> view(AddressRange range) const override;
  [[nodiscard]] Result<ByteView> view_prefix(Address start, uint64_t max_bytes) const override;
  [[nodiscard]] std::span<const Segment> segments() const override { return segments_; }

 private:
  static constexpr uint64_t kBlockSize = 0x40000;

  struct Block {
    std::vector<std::byte> bytes;
    std::vector<AddressRange> present;  ///< ascending, not adjacent
  };

  [[nodiscard]] const Block& block_at(Address base) const;
  [[nodiscard]] Block read_block(Address base) const;
  void read_into(Block& block, Address base, AddressRange range) const;

  mutable lldb::SBProcess process_;
  std::vector<Segment> segments_;
  mutable std::mutex mutex_;
  mutable std::map<Address, std::unique_ptr<const Block>> blocks_;  // by base
};

}  // namespace corewalk::plugin
