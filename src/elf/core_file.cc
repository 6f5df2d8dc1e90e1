#include "elf/core_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/failure.h"
#include "elf/byte_cursor.h"

namespace corewalk {
namespace {

constexpr uint64_t kMaxAddress = std::numeric_limits<uint64_t>::max();

// Far above what Linux allows a process (vm.max_map_count, 65530 unless raised). Keeps a hostile
// file from making us need many times its own size.
constexpr uint64_t kMostProgramHeaders = uint64_t{1} << 22;

[[noreturn]] void fail(ExitCode code, const FileMapping& file, std::string_view problem) {
  throw Failure(code, fmt::format("core file {} {}", file.path().string(), problem));
}

/// Refuses all that is not a core of a machine we know.
ElfHeader check_header(const FileMapping& file) {
  ElfHeader header;
  switch (read_elf_header(file.bytes(), &header)) {
    case HeaderProblem::kNone:
      break;
    case HeaderProblem::kTooShort:
      fail(ExitCode::kUsage, file,
           "is cut off within its first 64 bytes: nothing can be read; copy it or make it again");
    case HeaderProblem::kNotElf:
      fail(ExitCode::kUsage, file,
           "is not an ELF file, so it is no core dump; name the file that the kernel or gcore "
           "wrote");
    case HeaderProblem::k32Bit:
      fail(ExitCode::kUnsupported, file, "is of a 32-bit process; only 64-bit ones are supported");
    case HeaderProblem::kBigEndian:
      fail(ExitCode::kUnsupported, file,
           "is of a big-endian machine; only x86-64 and AArch64 are supported");
    case HeaderProblem::kOddHeaderSize:
      if (header.type != ElfType::kCore) break;
      fail(ExitCode::kUsage, file, "is damaged: its ELF header is not that of a 64-bit core");
  }
  switch (header.type) {
    case ElfType::kCore:
      break;
    case ElfType::kExecutable:
    case ElfType::kShared:
      fail(ExitCode::kUsage, file,
           "is an executable or a library, not a core dump (the core comes first, then the "
           "executable)");
    case ElfType::kOther:
      fail(ExitCode::kUsage, file, "is an ELF file, but not a core dump");
  }
  return header;
}

SegmentedMemory::Piece make_piece(const ProgramHeader& header, Address begin, uint64_t size_bytes,
                                  Residency residency, const std::byte* bytes) {
  SegmentedMemory::Piece piece;
  piece.segment = {.range = AddressRange(begin, size_bytes),
                   .residency = residency,
                   .readable = header.readable,
                   .writable = header.writable,
                   .executable = header.executable,
                   .from_file = false};
  piece.bytes = bytes;
  return piece;
}

/// How many pieces begin within another one.
uint64_t count_overlaps(const std::vector<SegmentedMemory::Piece>& pieces) {
  std::vector<AddressRange> ranges;
  ranges.reserve(pieces.size());
  for (const SegmentedMemory::Piece& piece : pieces) ranges.push_back(piece.segment.range);
  std::sort(ranges.begin(), ranges.end());
  uint64_t count = 0;
  Address highest;
  for (const AddressRange& range : ranges) {
    if (range.begin() < highest) ++count;
    highest = std::max(highest, range.end());
  }
  return count;
}

/// Where the table ends if section header 0, which should give the number of entries, is lost: the
/// kernel puts the notes right behind it.
uint64_t guess_table_size(std::span<const std::byte> from_table) {
  const auto first = read_program_headers(
      from_table.first(std::min<size_t>(from_table.size(), kProgramHeaderSize)));
  constexpr uint64_t kTableOffset = 64;
  if (first.empty() || first[0].offset < kTableOffset) return from_table.size();
  return first[0].offset - kTableOffset;
}

}  // namespace

CoreFile CoreFile::open(const std::filesystem::path& path) {
  CoreFile core(FileMapping::open(path, "core file"));
  const ElfHeader header = check_header(core.file_);
  const std::optional<Machine> machine = known_machine(header.machine);
  if (!machine) {
    fail(ExitCode::kUnsupported, core.file_,
         fmt::format("is of an unsupported machine (ELF machine {}); only x86-64 and AArch64 are",
                     header.machine));
  }
  core.machine_ = *machine;
  core.read_headers(header);
  core.summarize();
  return core;
}

void CoreFile::read_headers(const ElfHeader& header) {
  const std::span<const std::byte> from_table =
      clip(file_.bytes(), header.program_headers_offset, kMaxAddress);
  if (from_table.size() < kProgramHeaderSize && header.program_header_count != 0) {
    fail(ExitCode::kUsage, file_,
         "is cut off before its program headers: nothing can be read (was the disk full?)");
  }
  std::span<const std::byte> table;
  if (header.count_is_lost) {
    table = clip(from_table, 0, guess_table_size(from_table));
    headers_declared_ = table.size() / kProgramHeaderSize;
    table_is_cut_off_ = true;
  } else {
    // At most 2^32 - 1 entries of 56 bytes: the product cannot overflow.
    table = clip(from_table, 0, header.program_header_count * kProgramHeaderSize);
    headers_declared_ = header.program_header_count;
  }
  if (table.size() / kProgramHeaderSize > kMostProgramHeaders) {
    has_too_many_headers_ = true;
    table = table.first(kMostProgramHeaders * kProgramHeaderSize);
  }
  const std::vector<ProgramHeader> headers = read_program_headers(table);
  headers_read_ = headers.size();
  if (headers_read_ < headers_declared_ && !has_too_many_headers_) table_is_cut_off_ = true;
  for (const ProgramHeader& entry : headers) {
    if (entry.type == SegmentType::kNote) add_notes(entry);
    if (entry.type == SegmentType::kLoad) add_mapping(entry);
  }
}

void CoreFile::add_mapping(const ProgramHeader& header) {
  uint64_t memory_size = header.memory_size_bytes;
  if (memory_size > kMaxAddress - header.address) {
    ++wrapping_count_;
    memory_size = kMaxAddress - header.address;
  }
  uint64_t saved_size = header.file_size_bytes;
  if (saved_size > memory_size) {
    ++oversized_count_;
    saved_size = memory_size;
  }
  const std::span<const std::byte> saved = clip(file_.bytes(), header.offset, saved_size);
  const Address begin(header.address);
  if (!saved.empty()) {
    pieces_.push_back(make_piece(header, begin, saved.size(), Residency::kPresent, saved.data()));
  }
  if (saved.size() < saved_size) {
    count_missing(saved_size - saved.size());
    pieces_.push_back(make_piece(header, begin + saved.size(), saved_size - saved.size(),
                                 Residency::kTruncated, nullptr));
  }
  if (saved_size < memory_size) {
    pieces_.push_back(make_piece(header, begin + saved_size, memory_size - saved_size,
                                 Residency::kNotInCore, nullptr));
  }
}

void CoreFile::add_notes(const ProgramHeader& header) {
  const std::span<const std::byte> segment =
      clip(file_.bytes(), header.offset, header.file_size_bytes);
  if (segment.size() < header.file_size_bytes) {
    count_missing(header.file_size_bytes - segment.size());
  }
  parse_core_notes(segment, header.align, machine_, &notes_);
}

void CoreFile::count_missing(uint64_t bytes) {
  missing_bytes_ = bytes > kMaxAddress - missing_bytes_ ? kMaxAddress : missing_bytes_ + bytes;
}

std::string CoreFile::truncation() const {
  if (missing_bytes_ == 0) return {};
  return fmt::format(
      "the core file is truncated: it has {} bytes, {} more should follow (disk full, or a limit "
      "on its size?)",
      size_bytes(), missing_bytes_);
}

void CoreFile::summarize() {
  if (has_too_many_headers_) {
    warnings_.push_back(fmt::format("the core file claims {} mappings: only the first {} are used",
                                    headers_declared_, headers_read_));
  } else if (headers_read_ < headers_declared_) {
    warnings_.push_back(fmt::format(
        "the core file is cut off within its table of mappings: {} of {} entries are left",
        headers_read_, headers_declared_));
  } else if (table_is_cut_off_) {
    warnings_.push_back(
        fmt::format("the core file is cut off, and the number of its mappings is lost: {} found",
                    headers_read_));
  }
  if (oversized_count_ != 0) {
    warnings_.push_back(fmt::format(
        "{} mappings claim more bytes in the file than in memory: the surplus is ignored",
        oversized_count_));
  }
  if (wrapping_count_ != 0) {
    warnings_.push_back(
        fmt::format("{} mappings reach beyond the end of the address space: cut", wrapping_count_));
  }
  if (const uint64_t count = count_overlaps(pieces_); count != 0) {
    warnings_.push_back(fmt::format(
        "{} mappings overlap others: where two differ, the later one is believed", count));
  }
  if (pieces_.empty()) warnings_.emplace_back("the core file holds no memory at all");
  if (notes_.threads.empty()) warnings_.emplace_back("the core file names no threads");
  warnings_.insert(warnings_.end(), notes_.warnings.begin(), notes_.warnings.end());
}

}  // namespace corewalk
