#include "elf/process_image.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "elf/build_id.h"
#include "elf/elf_symbols.h"
#include "elf/initial_stack.h"
#include "elf/loaded_modules.h"

namespace corewalk {
namespace {

using Piece = SegmentedMemory::Piece;

/// The overlay, lowest first: what the core knows to be mapped but does not hold; constant bytes of
/// the files; what the core holds. So a file fills gaps and never hides a byte of the core.
std::vector<Piece> overlay(const CoreFile& core, const BinaryLocation& binaries) {
  std::vector<Piece> pieces;
  const auto add_core = [&](bool present) {
    for (const Piece& piece : core.pieces()) {
      if ((piece.segment.residency == Residency::kPresent) == present) pieces.push_back(piece);
    }
  };
  add_core(false);
  for (const auto* binary : {&binaries.executable, &binaries.v8_library}) {
    if (!*binary || !(*binary)->load_bias_bytes) continue;
    const std::vector<Piece> constants =
        (*binary)->image.constant_pieces(*(*binary)->load_bias_bytes);
    pieces.insert(pieces.end(), constants.begin(), constants.end());
  }
  add_core(true);
  return pieces;
}

BinaryInfo describe(const LocatedBinary& binary) {
  return {.path = binary.image.path().string(),
          .verdict = binary.check.verdict,
          .reason = binary.check.reason,
          .build_id = binary.image.build_id(),
          .core_build_id = binary.module.build_id,
          .load_bias_bytes = binary.load_bias_bytes.value_or(0)};
}

std::unique_ptr<SymbolSource> make_symbols(const BinaryLocation& binaries,
                                           const AddressSpace& core_memory) {
  const bool in_library = binaries.v8_library_in_core.has_value();
  const auto& holder = in_library ? binaries.v8_library : binaries.executable;
  if (holder && holder->load_bias_bytes) {
    return std::make_unique<ElfSymbols>(symbol_tables(holder->image), *holder->load_bias_bytes);
  }
  const CoreModule& module =
      in_library ? *binaries.v8_library_in_core : binaries.executable_in_core;
  if (module.has_headers && !module.dynamic_segment.is_null()) {
    std::vector<SymbolTable> tables = symbol_tables(
        core_memory, module.dynamic_segment, module.dynamic_size_bytes, module.load_bias_bytes);
    if (!tables.empty()) {
      return std::make_unique<ElfSymbols>(std::move(tables), module.load_bias_bytes);
    }
  }
  return std::make_unique<NoSymbols>();
}

/// Where the thread-local block of the first module, the executable, begins: below the thread
/// pointer on x86-64 (TLS variant II), above two words behind it on AArch64 (variant I). The start
/// is congruent to the template's address modulo its alignment.
std::optional<Address> tls_block(const ThreadInfo& thread, Machine machine,
                                 const TlsTemplate& tls) {
  if (!thread.thread_pointer || thread.thread_pointer->is_null()) return {};
  const uint64_t mask = tls.align - 1;
  switch (machine) {
    case Machine::kX86_64: {
      const uint64_t padding = (0 - tls.address.value() - tls.size_bytes) & mask;
      return Address(thread.thread_pointer->value() - tls.size_bytes - padding);
    }
    case Machine::kAArch64: {
      constexpr uint64_t kThreadControlBlock = 16;
      const uint64_t padding = (tls.address.value() - kThreadControlBlock) & mask;
      return Address(thread.thread_pointer->value() + kThreadControlBlock + padding);
    }
  }
  return {};
}

void warn_about(const LocatedBinary& located, ProcessInfo* info) {
  const BinaryInfo binary = describe(located);
  if (!located.load_bias_bytes) {
    info->warnings.push_back(
        fmt::format("the core does not tell where {} was loaded: its data and symbols are not used",
                    binary.path));
  }
  if (located.image.is_truncated()) {
    info->warnings.push_back(
        fmt::format("{} is cut off: symbols and data are missing", binary.path));
  }
  if (binary.verdict == BinaryVerdict::kMismatch) {
    info->warnings.push_back(
        fmt::format("{} is not what made this core: {}", binary.path, binary.reason));
  } else if (binary.verdict == BinaryVerdict::kUnverified) {
    info->warnings.push_back(fmt::format("it is not proven that {} is what made this core: {}",
                                         binary.path, binary.reason));
  }
}

void add_binaries(const BinaryLocation& binaries, ProcessInfo* info) {
  info->executable_path = binaries.executable_in_core.path;
  info->executable.core_build_id = binaries.executable_in_core.build_id;
  info->binary_search = binaries.explanation();
  if (binaries.executable) {
    info->executable = describe(*binaries.executable);
    warn_about(*binaries.executable, info);
  } else {
    info->warnings.emplace_back(
        "the executable was not found: only what the core holds of it can be used");
  }
  if (binaries.v8_library) {
    info->v8_library = describe(*binaries.v8_library);
    warn_about(*binaries.v8_library, info);
  } else if (binaries.v8_library_in_core) {
    info->v8_library.emplace().core_build_id = binaries.v8_library_in_core->build_id;
    info->warnings.emplace_back("V8 ran from a shared library (libnode.so) that was not found");
  }
}

CoreOrigin origin_of(const CoreNotes& notes) {
  if (notes.written_by_debugger) return CoreOrigin::kDebugger;
  // The kernel always writes both; qemu's user mode neither.
  if (notes.signal && !notes.files.empty()) return CoreOrigin::kKernel;
  return CoreOrigin::kUnknown;
}

void add_tls_blocks(const BinaryLocation& binaries, ProcessInfo* info) {
  if (binaries.v8_library_in_core) return;  // only the loader knows where the block of a library is
  std::optional<TlsTemplate> tls = binaries.executable_in_core.tls;
  if (binaries.executable) {
    if (!binaries.executable->module.is_program) return;
    tls = binaries.executable->image.tls();
  }
  if (!tls) return;
  for (ThreadInfo& thread : info->threads) {
    thread.tls_block = tls_block(thread, info->machine, *tls);
  }
}

void add_initial_stack(const AddressSpace& memory, ProcessInfo* info) {
  std::optional<InitialStack> stack = read_initial_stack(memory, info->auxv);
  if (!stack) return;
  info->arguments = std::move(stack->arguments);
  info->environment = std::move(stack->environment);
  if (!info->arguments.empty()) {
    info->command_line = fmt::format("{}", fmt::join(info->arguments, " "));
  }
}

ProcessInfo gather(const CoreFile& core, const BinaryLocation& binaries) {
  const CoreNotes& notes = core.notes();
  ProcessInfo info;
  info.machine = core.machine();
  info.origin = origin_of(notes);
  info.core_path = core.path().string();
  info.core_size_bytes = core.size_bytes();
  info.core_truncated = core.is_truncated();
  info.truncation = core.truncation();
  info.core_missing_bytes = core.missing_bytes();
  info.pid = notes.pid;
  info.parent_pid = notes.parent_pid;
  info.uid = notes.uid;
  info.name = notes.name;
  info.command_line = notes.command_line;
  info.signal = notes.signal;
  info.threads = notes.threads;
  if (!info.signal && !info.threads.empty() && info.threads.front().signal != 0) {
    info.signal.emplace().number = info.threads.front().signal;
    info.signal->has_details = false;
  }
  info.files = notes.files;
  info.auxv = notes.auxv;
  if (const auto size = info.auxv.find(AT_PAGESZ); size != info.auxv.end() && size->second != 0) {
    info.page_size_bytes = size->second;
  }
  info.warnings = core.warnings();
  add_binaries(binaries, &info);
  add_tls_blocks(binaries, &info);
  return info;
}

}  // namespace

ProcessImage ProcessImage::open(const std::filesystem::path& core, const BinarySearch& search) {
  ProcessImage process;
  process.core_ = std::make_unique<CoreFile>(CoreFile::open(core));
  const SegmentedMemory core_memory(process.core_->pieces());
  process.binaries_ =
      std::make_unique<BinaryLocation>(locate_binaries(*process.core_, core_memory, search));
  process.memory_ = std::make_unique<SegmentedMemory>(overlay(*process.core_, *process.binaries_));
  process.symbols_ = make_symbols(*process.binaries_, core_memory);
  process.info_ = std::make_unique<ProcessInfo>(gather(*process.core_, *process.binaries_));
  add_initial_stack(*process.memory_, process.info_.get());
  std::vector<std::filesystem::path> directories = search.directories;
  directories.insert(directories.end(), search.environment_directories.begin(),
                     search.environment_directories.end());
  process.modules_ = std::make_unique<LoadedModules>(*process.info_, *process.memory_,
                                                     *process.symbols_, std::move(directories));
  return process;
}

}  // namespace corewalk
