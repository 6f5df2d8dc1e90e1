#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "memory/process_info.h"
#include "support/byte_writer.h"

namespace corewalk::test {

struct ImageSymbol {
  enum class Kind : uint8_t { kObject, kFunction, kThreadLocal, kUndefined, kAbsolute };

  std::string name;
  uint64_t value = 0;
  uint64_t size = 8;
  Kind kind = Kind::kObject;
  bool is_local = false;
};

/// An executable or library to be built: one read-only PT_LOAD from the start of the file, one
/// writable, and, unless told otherwise, section headers.
struct ImageSpec {
  Machine machine = Machine::kX86_64;
  uint64_t base = 0;              ///< 0 makes an ET_DYN, all else an ET_EXEC that is loaded there
  uint64_t entry_offset = 0x900;  ///< from base
  Bytes build_id = Bytes(20, std::byte{0x11});
  Bytes constants = to_bytes("constant");  ///< at kConstantsOffset; at most 2048 bytes
  Bytes data = to_bytes("initial!");       ///< at data_offset()
  std::vector<ImageSymbol> dynamic_symbols;
  std::vector<ImageSymbol> full_symbols;
  std::optional<uint64_t> tls_size;
  uint64_t tls_align = 8;
  bool has_gnu_hash = true;
  bool has_section_headers = true;
  bool is_debug_information_only = false;

  static constexpr uint64_t kConstantsOffset = 0x800;

  [[nodiscard]] Bytes build() const;
  /// Offset in the file, and of the address from base.
  [[nodiscard]] uint64_t data_offset() const;
  [[nodiscard]] uint64_t dynamic_offset() const;
  [[nodiscard]] uint64_t program_header_count() const { return 5U + (tls_size ? 1U : 0U); }
};

}  // namespace corewalk::test
