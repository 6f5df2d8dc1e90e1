#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "elf/file_mapping.h"
#include "elf/notes.h"
#include "elf/program_headers.h"
#include "memory/process_info.h"
#include "memory/segmented_memory.h"

namespace corewalk {

/// An ELF core dump of Linux: which addresses it covers, with which bytes, and its notes. Trusts no
/// field of it: what makes no sense is left out and named in warnings().
class CoreFile {
 public:
  /// Opens a core of x86-64 or AArch64. Throws Failure: kUsage if it cannot be read or is no core,
  /// kUnsupported if it is a core of a machine we do not know.
  static CoreFile open(const std::filesystem::path& path);

  /// The mappings of the process. A PT_LOAD becomes up to three pieces: what the file holds, what
  /// it should hold but does not (kTruncated), what was never saved (kNotInCore). The bytes live as
  /// long as the CoreFile, wherever it is moved to. Where two overlap, the later one counts.
  [[nodiscard]] const std::vector<SegmentedMemory::Piece>& pieces() const { return pieces_; }

  [[nodiscard]] const CoreNotes& notes() const { return notes_; }
  [[nodiscard]] Machine machine() const { return machine_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }
  [[nodiscard]] uint64_t size_bytes() const { return file_.bytes().size(); }

  /// Program headers that could be read, of those the file declares.
  [[nodiscard]] uint64_t program_header_count() const { return headers_read_; }
  [[nodiscard]] uint64_t declared_program_header_count() const { return headers_declared_; }

  /// True if the file ends before what its headers promise.
  [[nodiscard]] bool is_truncated() const { return missing_bytes_ != 0 || table_is_cut_off_; }
  /// Bytes of mappings and notes that should be in the file but lie behind its end.
  [[nodiscard]] uint64_t missing_bytes() const { return missing_bytes_; }

  /// What is wrong with the file, in sentences for the user. Includes those of the notes.
  /// How much is cut off, as a sentence; "" if the file is whole, or nobody can know.
  [[nodiscard]] std::string truncation() const;
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  explicit CoreFile(FileMapping file) : file_(std::move(file)) {}

  void read_headers(const ElfHeader& header);
  void add_mapping(const ProgramHeader& header);
  void add_notes(const ProgramHeader& header);
  void count_missing(uint64_t bytes);
  void summarize();

  FileMapping file_;
  Machine machine_ = Machine::kX86_64;
  std::vector<SegmentedMemory::Piece> pieces_;
  CoreNotes notes_;
  uint64_t headers_read_ = 0;
  uint64_t headers_declared_ = 0;
  bool table_is_cut_off_ = false;
  uint64_t missing_bytes_ = 0;
  uint64_t oversized_count_ = 0;  ///< p_filesz above p_memsz
  uint64_t wrapping_count_ = 0;   ///< beyond the end of the address space
  bool has_too_many_headers_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace corewalk
