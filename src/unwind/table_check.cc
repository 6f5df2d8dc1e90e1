#include "unwind/table_check.h"

#include <dwarf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace corewalk {
namespace {

constexpr uint64_t kMostRegisters = 128;  // x86-64 and AArch64 with vectors have fewer

/// Reads forward; a read that fails leaves it at the end, where all fail.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, size_t position, size_t end)
      : bytes_(bytes.first(end)), position_(position) {}

  [[nodiscard]] size_t position() const { return position_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return position_ >= bytes_.size(); }

  template <class T>
  T read() {
    T value{};
    if (!skip(sizeof(T))) return value;
    std::memcpy(&value, bytes_.data() + position_ - sizeof(T), sizeof(T));
    return value;
  }
  bool skip(uint64_t count) {
    failed_ = failed_ || count > bytes_.size() - std::min(position_, bytes_.size());
    position_ = failed_ ? bytes_.size() : position_ + count;
    return !failed_;
  }
  uint64_t read_leb() {
    constexpr unsigned kWordBits = 64;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < kWordBits; shift += 7) {
      const auto byte = read<uint8_t>();
      value |= uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  std::string_view read_string() {
    const auto rest = bytes_.subspan(std::min(position_, bytes_.size()));
    const auto* const begin = reinterpret_cast<const char*>(rest.data());
    const std::string_view text(begin, strnlen(begin, rest.size()));
    (void)skip(text.size() + 1);
    return text;
  }

 private:
  std::span<const std::byte> bytes_;
  size_t position_;
  bool failed_ = false;
};

/// Bytes of an encoded address; absent of one that has no fixed size.
std::optional<size_t> size_of_encoding(uint8_t encoding) {
  constexpr uint8_t kFormat = 0x07;
  switch (encoding & kFormat) {
    case DW_EH_PE_absptr:
    case DW_EH_PE_udata8:
      return sizeof(uint64_t);
    case DW_EH_PE_udata4:
      return sizeof(uint32_t);
    case DW_EH_PE_udata2:
      return sizeof(uint16_t);
    default:
      return {};
  }
}

/// One instruction of the call frame; false if it names a register that cannot be, or is unknown.
bool is_sound_instruction(Reader& reader) {
  constexpr uint8_t kPrimary = 0xC0;
  const auto code = reader.read<uint8_t>();
  const auto is_register = [](uint64_t number) { return number < kMostRegisters; };
  switch (code & kPrimary) {
    case DW_CFA_advance_loc:
    case DW_CFA_restore:
      return true;
    case DW_CFA_offset:
      (void)reader.read_leb();
      return true;
    default:
      break;
  }
  switch (code) {
    case DW_CFA_nop:
    case DW_CFA_remember_state:
    case DW_CFA_restore_state:
    case DW_CFA_GNU_window_save:
      return true;
    case DW_CFA_set_loc:
      return false;  // of an address of the table's encoding: no compiler writes it
    case DW_CFA_advance_loc1:
      return reader.skip(1);
    case DW_CFA_advance_loc2:
      return reader.skip(2);
    case DW_CFA_advance_loc4:
      return reader.skip(4);
    case DW_CFA_restore_extended:
    case DW_CFA_undefined:
    case DW_CFA_same_value:
    case DW_CFA_def_cfa_register:
      return is_register(reader.read_leb());
    case DW_CFA_register:
    case DW_CFA_offset_extended:
    case DW_CFA_offset_extended_sf:
    case DW_CFA_val_offset:
    case DW_CFA_val_offset_sf:
    case DW_CFA_def_cfa:
    case DW_CFA_def_cfa_sf:
    case DW_CFA_GNU_negative_offset_extended: {
      const bool sound = is_register(reader.read_leb());
      const uint64_t operand = reader.read_leb();
      return sound && (code != DW_CFA_register || is_register(operand));
    }
    case DW_CFA_def_cfa_offset:
    case DW_CFA_def_cfa_offset_sf:
    case DW_CFA_GNU_args_size:
      (void)reader.read_leb();
      return true;
    case DW_CFA_def_cfa_expression:
      return reader.skip(reader.read_leb());
    case DW_CFA_expression:
    case DW_CFA_val_expression: {
      const bool sound = is_register(reader.read_leb());
      return reader.skip(reader.read_leb()) && sound;
    }
    default:
      return false;
  }
}

bool are_sound_instructions(Reader& reader) {
  while (!reader.at_end() && !reader.failed()) {
    if (!is_sound_instruction(reader)) return false;
  }
  return !reader.failed();
}

/// All entries of one .eh_frame, in their order.
class EntryCheck {
 public:
  explicit EntryCheck(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// Looks at the entries from `offset` on, up to the first that is none.
  void run(size_t offset) {
    while (const auto next = check_one(offset)) offset = *next;
  }
  [[nodiscard]] bool is_sound_entry(size_t offset) const {
    return std::binary_search(frames_.begin(), frames_.end(), offset);
  }

 private:
  /// Returns where the next entry begins.
  std::optional<size_t> check_one(size_t offset) {
    if (offset > bytes_.size()) return {};
    Reader header(bytes_, offset, bytes_.size());
    const auto length = header.read<uint32_t>();
    constexpr uint32_t kFirst64BitLength = 0xFFFFFFF0;
    if (header.failed() || length >= kFirst64BitLength) return {};
    const size_t body = header.position();
    if (length == 0) return body;
    if (length > bytes_.size() - body) return {};
    Reader reader(bytes_, body, body + length);
    const auto distance = reader.read<uint32_t>();  // to its CIE; 0 of a CIE itself
    const bool sound =
        !reader.failed() && (distance == 0 ? check_common(offset, reader)
                                           : check_frame(offset, body, distance, reader));
    // What follows the table is no part of it, and nonsense.
    return sound ? std::optional(body + length) : std::nullopt;
  }

  bool check_common(size_t offset, Reader& reader) {
    const auto version = reader.read<uint8_t>();
    const std::string_view augmentation = reader.read_string();
    (void)reader.read_leb();
    (void)reader.read_leb();
    const uint64_t return_address = version == 1 ? reader.read<uint8_t>() : reader.read_leb();
    if (reader.failed() || !augmentation.starts_with('z') || return_address >= kMostRegisters) {
      return false;
    }
    const uint64_t size = reader.read_leb();
    Reader data = reader;
    uint8_t encoding = DW_EH_PE_absptr;
    for (const char what : augmentation.substr(1)) {
      if (what == 'R') encoding = data.read<uint8_t>();
      if (what == 'L') (void)data.read<uint8_t>();
      if (what == 'P') {
        const auto bytes = size_of_encoding(data.read<uint8_t>());
        if (!bytes || !data.skip(*bytes)) return false;
      }
    }
    const auto address_bytes = size_of_encoding(encoding);
    if (data.failed() || !address_bytes || !reader.skip(size)) return false;
    commons_[offset] = *address_bytes;
    return are_sound_instructions(reader);
  }

  bool check_frame(size_t offset, size_t body, uint32_t distance, Reader& reader) {
    const auto common = distance > body ? commons_.end() : commons_.find(body - distance);
    if (common == commons_.end()) return false;
    (void)reader.skip(2 * common->second);  // the range of addresses
    (void)reader.skip(reader.read_leb());
    if (reader.failed() || !are_sound_instructions(reader)) return false;
    frames_.push_back(offset);
    return true;
  }

  std::span<const std::byte> bytes_;
  std::unordered_map<size_t, size_t> commons_;  ///< bytes of an address, by the CIE's offset
  std::vector<size_t> frames_;                  // ascending
};

}  // namespace

bool are_sound_tables(std::span<const std::byte> bytes, size_t frame_offset, size_t index_offset) {
  EntryCheck entries(bytes);
  entries.run(frame_offset);
  Reader index(bytes, std::min(index_offset, bytes.size()), bytes.size());
  constexpr uint8_t kRelative4 = DW_EH_PE_pcrel | DW_EH_PE_sdata4;
  constexpr uint8_t kFromIndex4 = DW_EH_PE_datarel | DW_EH_PE_sdata4;
  const auto version = index.read<uint8_t>();
  const auto frame_encoding = index.read<uint8_t>();
  const auto count_encoding = index.read<uint8_t>();
  const auto table_encoding = index.read<uint8_t>();
  (void)index.read<int32_t>();
  const auto count = index.read<uint32_t>();
  if (version != 1 || frame_encoding != kRelative4 || count_encoding != DW_EH_PE_udata4 ||
      table_encoding != kFromIndex4) {
    return false;  // all linkers write this
  }
  for (uint32_t i = 0; i < count; ++i) {
    (void)index.read<int32_t>();  // where the function begins
    const auto distance = static_cast<size_t>(int64_t{index.read<int32_t>()});
    if (index.failed() || !entries.is_sound_entry(index_offset + distance)) return false;
  }
  return true;
}

}  // namespace corewalk
