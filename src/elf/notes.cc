#include "elf/notes.h"

#include <elf.h>
#include <fmt/format.h>

#include <array>
#include <limits>

namespace corewalk {
namespace {

// Linux writes these structures of <linux/elfcore.h> and <asm/ptrace.h>; the offsets are those of
// 64-bit targets and are spelled out here because the core may be of another machine than ours.
constexpr uint64_t kPrstatusSignal = 12;      // pr_cursig, 16 bits
constexpr uint64_t kPrstatusTid = 32;         // pr_pid, 32 bits
constexpr uint64_t kPrstatusRegisters = 112;  // pr_reg
constexpr uint64_t kPrpsinfoUid = 16;
constexpr uint64_t kPrpsinfoPid = 24;
constexpr uint64_t kPrpsinfoParentPid = 28;
constexpr uint64_t kPrpsinfoName = 40;
constexpr uint64_t kPrpsinfoNameSize = 16;
constexpr uint64_t kPrpsinfoArguments = 56;
constexpr uint64_t kPrpsinfoArgumentsSize = 80;
constexpr uint64_t kSiginfoNumber = 0;
constexpr uint64_t kSiginfoCode = 8;
constexpr uint64_t kSiginfoUnion = 16;  // si_addr, or si_pid

constexpr uint32_t kNoteSiginfo = 0x53494749;  // "SIGI"
constexpr uint32_t kNoteFile = 0x46494c45;     // "FILE"
constexpr uint32_t kNoteArmTls = 0x401;

// Indices into ThreadInfo::registers.
struct RegisterLayout {
  size_t count;
  size_t pc;
  size_t sp;
  size_t fp;
  std::optional<size_t> thread_pointer;
};
constexpr RegisterLayout kX86Registers = {27, 16, 19, 4, 21};
constexpr RegisterLayout kArmRegisters = {34, 32, 31, 29, std::nullopt};

const RegisterLayout& register_layout(Machine machine) {
  switch (machine) {
    case Machine::kX86_64:
      return kX86Registers;
    case Machine::kAArch64:
      return kArmRegisters;
  }
  return kX86Registers;
}

/// Collects one core's notes. Each parse_* returns false if the note is damaged.
class NoteParser {
 public:
  NoteParser(Machine machine, CoreNotes* notes)
      : registers_(register_layout(machine)), notes_(*notes) {}

  void parse(const Note& note) {
    if (note.owner == "GDB") notes_.written_by_debugger = true;
    const char* what = nullptr;
    bool good = true;
    if (note.owner == "CORE") {
      good = parse_core(note, &what);
    } else if (note.owner == "LINUX" && note.type == kNoteArmTls) {
      what = "NT_ARM_TLS";
      good = parse_arm_tls(note.data);
    }
    if (!good) warn(fmt::format("note {} is damaged ({} bytes): skipped", what, note.data.size()));
  }

  void warn(std::string message) {
    constexpr size_t kMostWarnings = 16;
    if (notes_.warnings.size() < kMostWarnings) notes_.warnings.push_back(std::move(message));
  }

 private:
  bool parse_core(const Note& note, const char** what) {
    switch (note.type) {
      case NT_PRSTATUS:
        *what = "NT_PRSTATUS";
        return parse_thread(note.data);
      case NT_PRPSINFO:
        *what = "NT_PRPSINFO";
        return parse_process(note.data);
      case NT_AUXV:
        *what = "NT_AUXV";
        return parse_auxv(note.data);
      case kNoteFile:
        *what = "NT_FILE";
        return parse_files(note.data);
      case kNoteSiginfo:
        *what = "NT_SIGINFO";
        return parse_signal(note.data);
      default:
        return true;
    }
  }

  bool parse_thread(std::span<const std::byte> data) {
    const auto signal = read_at<uint16_t>(data, kPrstatusSignal);
    const auto tid = read_at<uint32_t>(data, kPrstatusTid);
    if (!signal || !tid) return false;
    ThreadInfo thread;
    thread.tid = *tid;
    thread.signal = *signal;
    ByteCursor cursor(clip(data, kPrstatusRegisters, registers_.count * sizeof(uint64_t)));
    while (const auto word = cursor.read<uint64_t>()) thread.registers.push_back(*word);
    const bool complete = thread.registers.size() == registers_.count;
    if (complete) {
      thread.pc = Address(thread.registers[registers_.pc]);
      thread.sp = Address(thread.registers[registers_.sp]);
      thread.fp = Address(thread.registers[registers_.fp]);
      if (registers_.thread_pointer) {
        thread.thread_pointer = Address(thread.registers[*registers_.thread_pointer]);
      }
    } else {
      thread.registers.clear();
    }
    notes_.threads.push_back(std::move(thread));
    return complete;
  }

  bool parse_process(std::span<const std::byte> data) {
    const auto uid = read_at<uint32_t>(data, kPrpsinfoUid);
    const auto pid = read_at<uint32_t>(data, kPrpsinfoPid);
    const auto parent_pid = read_at<uint32_t>(data, kPrpsinfoParentPid);
    if (!uid || !pid || !parent_pid) return false;
    notes_.has_process = true;
    notes_.uid = *uid;
    notes_.pid = *pid;
    notes_.parent_pid = *parent_pid;
    notes_.name = fixed_text(clip(data, kPrpsinfoName, kPrpsinfoNameSize));
    notes_.command_line = fixed_text(clip(data, kPrpsinfoArguments, kPrpsinfoArgumentsSize));
    // The kernel turns the NUL after each argument into a blank, the last one too.
    while (notes_.command_line.ends_with(' ')) notes_.command_line.pop_back();
    return true;
  }

  bool parse_auxv(std::span<const std::byte> data) {
    ByteCursor cursor(data);
    while (const auto type = cursor.read<uint64_t>()) {
      const auto value = cursor.read<uint64_t>();
      if (!value) return false;
      if (*type == AT_NULL) break;
      notes_.auxv.emplace(*type, *value);
    }
    return true;
  }

  bool parse_files(std::span<const std::byte> data) {
    ByteCursor entries(data);
    const auto count = entries.read<uint64_t>();
    const auto page_size = entries.read<uint64_t>();
    constexpr uint64_t kEntrySize = 3 * sizeof(uint64_t);
    if (!count || !page_size || *count > entries.remaining() / kEntrySize) return false;
    notes_.file_page_size_bytes = *page_size;
    ByteCursor names(data.subspan(entries.position() + *count * kEntrySize));
    for (uint64_t i = 0; i < *count; ++i) {
      const auto begin = entries.read<uint64_t>();
      const auto end = entries.read<uint64_t>();
      const auto page_offset = entries.read<uint64_t>();
      const auto name = names.c_string();
      if (!begin || !end || !page_offset || !name) return false;
      const bool overflows =
          *page_size != 0 && *page_offset > std::numeric_limits<uint64_t>::max() / *page_size;
      if (overflows || *end < *begin) {
        warn(fmt::format("NT_FILE: entry {} makes no sense: skipped", i));
        continue;
      }
      notes_.files.push_back({.range = AddressRange(Address(*begin), Address(*end)),
                              .file_offset_bytes = *page_offset * *page_size,
                              .path = std::string(*name)});
    }
    return true;
  }

  bool parse_signal(std::span<const std::byte> data) {
    const auto number = read_at<int32_t>(data, kSiginfoNumber);
    const auto code = read_at<int32_t>(data, kSiginfoCode);
    if (!number || !code) return false;
    if (notes_.signal) return true;  // gcore writes one for each thread: the first is the cause
    SignalInfo signal;
    signal.number = *number;
    signal.code = *code;
    // Codes above 0 come from the kernel: there the union holds an address for the signals the
    // processor raises. SI_KERNEL (0x80), a general protection fault, gives none.
    constexpr std::array<int, 5> kFaults = {4, 5, 7, 8, 11};
    const bool is_fault = std::find(kFaults.begin(), kFaults.end(), *number) != kFaults.end();
    constexpr int kFromKernel = 0x80;
    if (is_fault && *code > 0 && *code != kFromKernel) {
      if (const auto address = read_at<uint64_t>(data, kSiginfoUnion)) {
        signal.fault_address = Address(*address);
      }
    } else if (*code <= 0) {
      signal.sender_pid = read_at<uint32_t>(data, kSiginfoUnion);
    }
    notes_.signal = signal;
    return true;
  }

  bool parse_arm_tls(std::span<const std::byte> data) {
    // It follows the NT_PRSTATUS of its thread. Newer kernels append TPIDR2.
    const auto value = read_at<uint64_t>(data, 0);
    if (!value || notes_.threads.empty()) return false;
    notes_.threads.back().thread_pointer = Address(*value);
    return true;
  }

  const RegisterLayout& registers_;
  CoreNotes& notes_;
};

}  // namespace

std::optional<Note> next_note(ByteCursor* cursor, uint64_t align) {
  const size_t padding = align == 8 ? 8 : 4;
  ByteCursor ahead = *cursor;
  const auto header = ahead.read<Elf64_Nhdr>();
  if (!header) return std::nullopt;
  const auto owner = ahead.take(header->n_namesz);
  if (!owner) return std::nullopt;
  ahead.align(padding);
  const auto data = ahead.take(header->n_descsz);
  if (!data) return std::nullopt;
  ahead.align(padding);
  *cursor = ahead;
  return Note{fixed_text(*owner), header->n_type, *data};
}

std::string find_build_id(std::span<const std::byte> notes, uint64_t align) {
  ByteCursor cursor(notes);
  while (const auto note = next_note(&cursor, align)) {
    if (note->owner != "GNU" || note->type != NT_GNU_BUILD_ID) continue;
    // 20 bytes with SHA-1, 16 with MD5; a linker may be given any other.
    constexpr size_t kLongest = 64;
    if (note->data.empty() || note->data.size() > kLongest) continue;
    std::string hex;
    for (const std::byte byte : note->data) {
      fmt::format_to(std::back_inserter(hex), "{:02x}", std::to_integer<unsigned>(byte));
    }
    return hex;
  }
  return {};
}

void parse_core_notes(std::span<const std::byte> segment, uint64_t align, Machine machine,
                      CoreNotes* notes) {
  NoteParser parser(machine, notes);
  ByteCursor cursor(segment);
  while (const auto note = next_note(&cursor, align)) parser.parse(*note);
  if (!cursor.at_end()) {
    parser.warn(fmt::format("the notes are damaged or cut off: {} of {} bytes skipped",
                            cursor.remaining(), segment.size()));
  }
}

}  // namespace corewalk
