#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace corewalk {

/// The processor the dead process ran on.
enum class Machine : uint8_t { kX86_64, kAArch64 };

[[nodiscard]] constexpr std::string_view to_string(Machine machine) {
  switch (machine) {
    case Machine::kX86_64:
      return "x86-64";
    case Machine::kAArch64:
      return "AArch64";
  }
  return "unknown";
}

/// Who wrote the core: decides whether a signal in it killed the process.
enum class CoreOrigin : uint8_t {
  kKernel,    ///< the process died
  kDebugger,  ///< a snapshot (gcore) of a process that went on; its "signal" only stopped it
  kUnknown,
};

/// Whether the executable at hand is the one that ran.
enum class BinaryVerdict : uint8_t {
  kMatch,       ///< equal build-ids
  kMismatch,    ///< another program or another build
  kUnverified,  ///< nothing contradicts, but the core cannot prove it
  kNone,        ///< no executable at hand
};

[[nodiscard]] constexpr std::string_view to_string(BinaryVerdict verdict) {
  switch (verdict) {
    case BinaryVerdict::kMatch:
      return "match";
    case BinaryVerdict::kMismatch:
      return "mismatch";
    case BinaryVerdict::kUnverified:
      return "unverified";
    case BinaryVerdict::kNone:
      return "none";
  }
  return "none";
}

/// A signal as the kernel delivered it.
struct SignalInfo {
  int number = 0;
  int code = 0;             ///< si_code: says who sent it and why
  bool has_details = true;  ///< false if the core has the number alone: then `code` means nothing
  /// What the instruction touched or where it was; only for SIGSEGV, SIGBUS, SIGILL, SIGFPE and
  /// SIGTRAP raised by the processor.
  std::optional<Address> fault_address;
  std::optional<uint32_t> sender_pid;  ///< only if another process (or itself) sent it

  [[nodiscard]] std::string_view name() const;         ///< "SIGABRT"; "signal" if not a known one
  [[nodiscard]] std::string_view description() const;  ///< "abort", ...
};

/// One thread, its registers as they were when it stopped.
struct ThreadInfo {
  uint64_t tid = 0;
  int signal = 0;  ///< signal current in this thread; 0 = none
  Address pc;
  Address sp;
  Address fp;
  std::optional<Address> thread_pointer;  ///< fs_base, tpidr_el0
  /// The kernel's elf_gregset_t, word by word: x86-64 r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx
  /// rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs; AArch64 x0..x30 sp pc
  /// pstate.
  std::vector<uint64_t> registers;
  /// Start of the thread-local block (PT_TLS) of the executable; a thread-local symbol lies at this
  /// plus SymbolSource::thread_local_offset(). Nothing if V8's symbols are those of a library.
  std::optional<Address> tls_block;
};

/// A file mapped by the process (NT_FILE).
struct MappedFile {
  AddressRange range;
  uint64_t file_offset_bytes = 0;
  std::string path;
};

/// The executable or library that ran, as far as it could be found.
struct BinaryInfo {
  std::string path;  ///< file that was opened; empty if none
  BinaryVerdict verdict = BinaryVerdict::kNone;
  std::string reason;            ///< for humans: why that verdict
  std::string build_id;          ///< hex, of the file
  std::string core_build_id;     ///< hex, as found in the core; empty if it is not there
  uint64_t load_bias_bytes = 0;  ///< address in the process minus address in the file
};

/// What a core says about the process as such. Plain data: no bytes of the target behind it.
struct ProcessInfo {
  Machine machine = Machine::kX86_64;
  CoreOrigin origin = CoreOrigin::kUnknown;

  std::string core_path;
  uint64_t core_size_bytes = 0;
  bool core_truncated = false;
  std::string truncation;  ///< how much is cut off, as a sentence; "" if nothing or unknown
  uint64_t core_missing_bytes = 0;  ///< should be in the file, but lie behind its end

  uint64_t pid = 0;
  uint64_t parent_pid = 0;
  uint64_t uid = 0;
  std::string name;          ///< 15 characters at most (the kernel's comm)
  std::string command_line;  ///< complete if `arguments` is filled, else cut at 79 characters
  std::vector<std::string> arguments;  ///< argv, from the initial stack; empty if it is not there
  /// From the initial stack, as "NAME=value". Holds secrets: show only what was asked for by name.
  std::vector<std::string> environment;
  std::string executable_path;  ///< as the process knew it; empty if the core does not say

  std::optional<SignalInfo> signal;
  std::vector<ThreadInfo> threads;  ///< the one that caused the dump first
  std::vector<MappedFile> files;
  std::map<uint64_t, uint64_t> auxv;  ///< AT_* to value
  uint64_t page_size_bytes = 4096;

  BinaryInfo executable;
  std::optional<BinaryInfo> v8_library;  ///< if V8 lives in a shared library (libnode.so.N)
  std::string binary_search;             ///< for humans: where the executable was looked for

  std::vector<std::string> warnings;  ///< what else is wrong with the core or the executable
};

}  // namespace corewalk
