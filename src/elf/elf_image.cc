#include "elf/elf_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/failure.h"
#include "elf/byte_cursor.h"
#include "elf/notes.h"

namespace corewalk {
namespace {

constexpr uint64_t kSmallestPage = 4096;

[[noreturn]] void fail(const FileMapping& file, std::string_view problem) {
  throw Failure(ExitCode::kUsage, fmt::format("executable {} {}", file.path().string(), problem));
}

ElfHeader check_header(const FileMapping& file) {
  ElfHeader header;
  switch (read_elf_header(file.bytes(), &header)) {
    case HeaderProblem::kNone:
      break;
    case HeaderProblem::kTooShort:
      fail(file, "is cut off within its first 64 bytes");
    case HeaderProblem::kNotElf:
      fail(file, "is not an ELF file (a script or a wrapper?)");
    case HeaderProblem::k32Bit:
      fail(file, "is a 32-bit program");
    case HeaderProblem::kBigEndian:
      fail(file, "is of a big-endian machine");
    case HeaderProblem::kOddHeaderSize:
      fail(file, "has no usable program headers");
  }
  switch (header.type) {
    case ElfType::kExecutable:
    case ElfType::kShared:
      break;
    case ElfType::kCore:
      fail(file, "is a core dump, not the program that made it");
    case ElfType::kOther:
      fail(file, "is an ELF file, but no program that can run");
  }
  return header;
}

}  // namespace

ElfImage ElfImage::open(const std::filesystem::path& path) {
  ElfImage image(FileMapping::open(path, "executable"));
  image.header_ = check_header(image.file_);
  const std::optional<Machine> machine = known_machine(image.header_.machine);
  if (!machine) fail(image.file_, "is of another machine than x86-64 and AArch64");
  image.machine_ = *machine;

  image.read_segments();
  return image;
}

void ElfImage::read_segments() {
  const std::span<const std::byte> file = file_.bytes();
  headers_ = read_program_headers(clip(file, header_.program_headers_offset,
                                       header_.program_header_count * kProgramHeaderSize));
  for (const ProgramHeader& header : headers_) {
    if (header.type == SegmentType::kNote && build_id_.empty()) {
      build_id_ = find_build_id(clip(file, header.offset, header.file_size_bytes), header.align);
    }
  }
  tls_ = find_tls(headers_);
}

std::optional<Address> ElfImage::program_headers_address() const {
  for (const ProgramHeader& header : headers_) {
    const uint64_t table = header_.program_headers_offset;
    if (header.type != SegmentType::kLoad || table < header.offset) continue;
    if (table - header.offset < header.file_size_bytes) {
      return Address(header.address) + (table - header.offset);
    }
  }
  return std::nullopt;
}

std::optional<Address> ElfImage::lowest_address() const {
  std::optional<Address> lowest;
  for (const ProgramHeader& header : headers_) {
    if (header.type != SegmentType::kLoad) continue;
    const Address begin = Address(header.address).align_down(kSmallestPage);
    if (!lowest || begin < *lowest) lowest = begin;
  }
  return lowest;
}

bool ElfImage::is_truncated() const {
  return std::any_of(headers_.begin(), headers_.end(), [&](const ProgramHeader& header) {
    return header.type == SegmentType::kLoad &&
           clip(file_.bytes(), header.offset, header.file_size_bytes).size() <
               header.file_size_bytes;
  });
}

SegmentedMemory::Piece ElfImage::content_of(const ProgramHeader& header,
                                            uint64_t load_bias_bytes) const {
  const uint64_t begin = header.address + load_bias_bytes;
  const uint64_t room = std::numeric_limits<uint64_t>::max() - begin;
  const uint64_t size = std::min({header.file_size_bytes, header.memory_size_bytes, room});
  const std::span<const std::byte> content = clip(file_.bytes(), header.offset, size);
  SegmentedMemory::Piece piece;
  piece.segment = {.range = AddressRange(Address(begin), content.size()),
                   .residency = Residency::kPresent,
                   .readable = header.readable,
                   .writable = header.writable,
                   .executable = header.executable,
                   .from_file = true};
  piece.bytes = content.data();
  return piece;
}

std::vector<SegmentedMemory::Piece> ElfImage::pieces() const {
  std::vector<SegmentedMemory::Piece> pieces;
  for (const ProgramHeader& header : headers_) {
    if (header.type == SegmentType::kLoad) pieces.push_back(content_of(header, 0));
  }
  return pieces;
}

std::vector<SegmentedMemory::Piece> ElfImage::constant_pieces(uint64_t load_bias_bytes) const {
  std::vector<SegmentedMemory::Piece> pieces;
  for (const ProgramHeader& header : headers_) {
    if (header.type != SegmentType::kLoad || header.writable) continue;
    pieces.push_back(content_of(header, load_bias_bytes));
  }
  return pieces;
}

}  // namespace corewalk
