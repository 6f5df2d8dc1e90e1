// Two forms of the table. Up to 9.6 an entry is three words: pc, deopt index, trampoline. From 10.2
// on the widths of its parts stand in the header. An entry's trampoline is where the call returns
// to once its code was thrown away: then it stands on the stack instead of the pc.
#include "stack/safepoint_table.h"

namespace corewalk {
namespace {

struct Entry {
  uint64_t pc = 0;
  std::optional<uint32_t> deopt_index;
  std::optional<uint64_t> trampoline;
};

/// Entries of three words (codegen/safepoint-table.h, 7.8 to 9.6). One entry may stand for all.
std::optional<uint32_t> find_in_words(const ByteView& table, uint64_t pc_offset) {
  constexpr uint64_t kHeaderBytes = 8;
  constexpr uint64_t kEntryBytes = 12;
  constexpr uint32_t kNone = 0xFFFF'FFFF;
  const uint64_t length = table.read<uint32_t>(0).value_or(0);
  for (uint64_t i = 0; i < length; ++i) {
    const uint64_t at = kHeaderBytes + i * kEntryBytes;
    const auto pc = table.read<uint32_t>(at);
    const auto index = table.read<uint32_t>(at + 4);
    const auto trampoline = table.read<uint32_t>(at + 8);
    if (!pc || !index || !trampoline) return {};
    const bool stands_for_all = length == 1 && *pc == kNone;
    if (*pc != pc_offset && *trampoline != pc_offset && !stands_for_all) continue;
    return *index == kNone ? std::nullopt : std::optional(*index);
  }
  return {};
}

/// Entries whose parts have widths of their own (10.2 on).
class PackedTable {
 public:
  PackedTable(const v8::Layout& layout, SafepointKind kind, const ByteView& table)
      : table_(table),
        length_(table.read<uint32_t>(layout.numbers.safepoint_length).value_or(0)),
        configuration_(table.read<uint32_t>(layout.numbers.safepoint_length + 4).value_or(0)) {
    const bool maglev = kind == SafepointKind::kMaglev;
    entries_ = maglev ? kMaglevHeader : layout.numbers.safepoint_length + 8;
    has_deopt_ = (configuration_ & 1) != 0;
    pc_bytes_ = part(4);
    deopt_bytes_ = part(7);
    const uint64_t spill_slots = maglev ? 1 : 0;
    entry_bytes_ = pc_bytes_ + (has_deopt_ ? deopt_bytes_ + pc_bytes_ : 0) + spill_slots + part(1);
  }

  [[nodiscard]] uint64_t length() const { return has_deopt_ && entry_bytes_ > 0 ? length_ : 0; }

  [[nodiscard]] std::optional<Entry> entry(uint64_t i) const {
    const uint64_t at = entries_ + i * entry_bytes_;
    const auto pc = number(at, pc_bytes_);
    const auto index = number(at + pc_bytes_, deopt_bytes_);
    const auto trampoline = number(at + pc_bytes_ + deopt_bytes_, pc_bytes_);
    if (!pc || !index || !trampoline) return {};
    Entry entry{.pc = *pc, .deopt_index = {}, .trampoline = {}};  // both count from 1, 0: none
    if (*index != 0) entry.deopt_index = static_cast<uint32_t>(*index - 1);
    if (*trampoline != 0) entry.trampoline = *trampoline - 1;
    return entry;
  }

 private:
  static constexpr uint64_t kMaglevHeader = 16;

  /// Bytes of a part of an entry, 0 to 4.
  [[nodiscard]] uint64_t part(unsigned shift) const { return configuration_ >> shift & 7; }

  [[nodiscard]] std::optional<uint64_t> number(uint64_t at, uint64_t bytes) const {
    uint64_t value = 0;
    for (uint64_t i = 0; i < bytes; ++i) {
      const auto byte = table_.read<uint8_t>(at + i);
      if (!byte) return {};
      value |= uint64_t{*byte} << (8 * i);
    }
    return value;
  }

  ByteView table_;
  uint64_t length_;
  uint32_t configuration_;
  uint64_t entries_ = 0;
  bool has_deopt_ = false;
  uint64_t pc_bytes_ = 0;
  uint64_t deopt_bytes_ = 0;
  uint64_t entry_bytes_ = 0;
};

std::optional<uint32_t> find_in_packed(const PackedTable& table, uint64_t pc_offset) {
  for (uint64_t i = 0; i < table.length(); ++i) {
    const auto entry = table.entry(i);
    if (!entry) return {};
    if (entry->pc == pc_offset || entry->trampoline == pc_offset) return entry->deopt_index;
  }
  return {};
}

}  // namespace

std::optional<uint32_t> find_deopt_index(const v8::Layout& layout, SafepointKind kind,
                                         const ByteView& table, uint64_t pc_offset) {
  if (layout.has(v8::Feature::kSafepointWords)) return find_in_words(table, pc_offset);
  return find_in_packed(PackedTable(layout, kind, table), pc_offset);
}

}  // namespace corewalk
