#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/process_info.h"
#include "support/byte_writer.h"

namespace corewalk::test {

/// One PT_LOAD of a core to be built. The fields at the end make it lie.
struct CoreSegment {
  uint64_t address = 0;
  Bytes bytes = {};                          ///< what the file holds
  std::optional<uint64_t> memory_size = {};  ///< p_memsz, if not bytes.size()
  bool readable = true;
  bool writable = true;
  bool executable = false;
  std::optional<uint64_t> claimed_file_size = {};  ///< p_filesz, if not bytes.size()
  std::optional<uint64_t> claimed_offset = {};     ///< p_offset, if not where `bytes` are
};

struct CoreRegisters {
  uint64_t pc = 0;
  uint64_t sp = 0;
  uint64_t fp = 0;
  uint64_t thread_pointer = 0;  ///< x86-64 only: AArch64 has a note of its own
};

/// Writes ELF cores as Linux does, or with any defect a test needs. Segments are put one behind the
/// other, without padding between them.
class CoreBuilder {
 public:
  explicit CoreBuilder(Machine machine = Machine::kX86_64) : machine_(machine) {}

  CoreBuilder& add_segment(CoreSegment segment);
  /// A PT_NULL entry.
  CoreBuilder& add_empty_headers(size_t count);

  CoreBuilder& add_note(std::string_view owner, uint32_t type, const Bytes& data);
  CoreBuilder& add_raw_notes(const Bytes& bytes);
  CoreBuilder& add_thread(uint32_t tid, uint16_t signal, const CoreRegisters& registers);
  CoreBuilder& add_process(uint32_t pid, uint32_t uid, std::string_view name,
                           std::string_view command_line);
  CoreBuilder& add_auxv(const std::vector<std::pair<uint64_t, uint64_t>>& entries);
  /// File offsets must be multiples of 4096.
  CoreBuilder& add_files(const std::vector<MappedFile>& files);
  /// `value` is the fault address, or the sender's pid.
  CoreBuilder& add_signal(int32_t number, int32_t code, uint64_t value);

  /// 65535 program headers or more are counted in section header 0, at the end of the file.
  [[nodiscard]] Bytes build() const;

  /// Where program header `index` lies in the file; 0 is PT_NOTE.
  [[nodiscard]] static size_t header_offset(size_t index) { return 64 + 56 * index; }

 private:
  Machine machine_;
  std::vector<CoreSegment> segments_;
  size_t empty_header_count_ = 0;
  ByteWriter notes_;
};

}  // namespace corewalk::test
