#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "elf/file_mapping.h"
#include "elf/program_headers.h"
#include "memory/segmented_memory.h"

namespace corewalk {

/// An executable or shared library on disk.
class ElfImage {
 public:
  /// Throws Failure(kUsage) if the file cannot be read, or is not a 64-bit little-endian executable
  /// or library of a machine we know.
  static ElfImage open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }
  [[nodiscard]] std::span<const std::byte> bytes() const { return file_.bytes(); }
  [[nodiscard]] Machine machine() const { return machine_; }
  [[nodiscard]] ElfType type() const { return header_.type; }
  /// True if it is loaded where the file says, without a load bias (ET_EXEC).
  [[nodiscard]] bool has_fixed_address() const { return header_.type == ElfType::kExecutable; }
  /// Entry point, as in the file.
  [[nodiscard]] Address entry() const { return Address(header_.entry); }
  [[nodiscard]] uint64_t program_header_count() const { return header_.program_header_count; }
  [[nodiscard]] const std::vector<ProgramHeader>& program_headers() const { return headers_; }
  /// Where the program headers lie in memory, as in the file; nothing if no PT_LOAD covers them.
  [[nodiscard]] std::optional<Address> program_headers_address() const;
  /// Lowest address of a PT_LOAD, rounded down to 4 KiB; nothing if there is none.
  [[nodiscard]] std::optional<Address> lowest_address() const;
  /// True if the file ends before what its PT_LOADs promise: a download or copy that broke off.
  [[nodiscard]] bool is_truncated() const;
  /// NT_GNU_BUILD_ID as hex; empty if the file has none.
  [[nodiscard]] const std::string& build_id() const { return build_id_; }
  [[nodiscard]] const std::optional<TlsTemplate>& tls() const { return tls_; }

  /// The bytes of all PT_LOADs as the file has them, at the addresses the file says: what can be
  /// read of the file without its section headers.
  [[nodiscard]] std::vector<SegmentedMemory::Piece> pieces() const;

  /// The bytes of PT_LOADs that the process cannot have changed, at their address plus
  /// `load_bias_bytes` (modulo 2^64). Writable ones are left out: what the file holds is only their
  /// first state. They live as long as the image, wherever it is moved to.
  [[nodiscard]] std::vector<SegmentedMemory::Piece> constant_pieces(uint64_t load_bias_bytes) const;

 private:
  explicit ElfImage(FileMapping file) : file_(std::move(file)) {}

  void read_segments();
  [[nodiscard]] SegmentedMemory::Piece content_of(const ProgramHeader& header,
                                                  uint64_t load_bias_bytes) const;

  FileMapping file_;
  ElfHeader header_;
  Machine machine_ = Machine::kX86_64;
  std::vector<ProgramHeader> headers_;
  std::string build_id_;
  std::optional<TlsTemplate> tls_;
};

}  // namespace corewalk
