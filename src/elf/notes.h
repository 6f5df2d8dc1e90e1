#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/byte_cursor.h"
#include "memory/process_info.h"

namespace corewalk {

/// One record of a PT_NOTE segment. Does not own.
struct Note {
  std::string_view owner;  ///< "CORE", "LINUX", "GNU", without the NUL
  uint32_t type = 0;
  std::span<const std::byte> data;
};

/// Takes the next note from `cursor`. Nothing at the end, or if what is left is not a whole note
/// (then the cursor is not at its end). `align` is p_align of the segment: 8 or, for all else, 4.
[[nodiscard]] std::optional<Note> next_note(ByteCursor* cursor, uint64_t align);

/// The descriptor of NT_GNU_BUILD_ID among `notes`, as hex; empty if there is none.
[[nodiscard]] std::string find_build_id(std::span<const std::byte> notes, uint64_t align);

/// What the notes of a core say.
struct CoreNotes {
  std::vector<ThreadInfo> threads;  ///< in the order of the file: the cause of the dump first
  std::optional<SignalInfo> signal;
  std::map<uint64_t, uint64_t> auxv;
  std::vector<MappedFile> files;
  uint64_t file_page_size_bytes = 0;  ///< as NT_FILE gives it; 0 if there is no such note

  bool has_process = false;  ///< whether the five below are known
  uint64_t pid = 0;
  uint64_t parent_pid = 0;
  uint64_t uid = 0;
  std::string name;
  std::string command_line;

  bool written_by_debugger = false;
  std::vector<std::string> warnings;
};

/// Adds what the PT_NOTE segment `segment` says to `notes`. A damaged note is skipped and named in
/// the warnings; if the damage hides where the next one starts, the rest of the segment is.
void parse_core_notes(std::span<const std::byte> segment, uint64_t align, Machine machine,
                      CoreNotes* notes);

}  // namespace corewalk
