#include "plugin/live_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/failure.h"
#include "elf/elf_image.h"
#include "elf/elf_symbols.h"
#include "elf/symbol_tables.h"
#include "plugin/core_path.h"
#include "plugin/live_memory.h"
#include "plugin/lldb_api.h"

namespace corewalk::plugin {
namespace {

/// The symbols of a module file, with the file.
class ModuleSymbols final : public SymbolSource {
 public:
  ModuleSymbols(ElfImage image, uint64_t load_bias_bytes)
      : image_(std::move(image)), symbols_(symbol_tables(image_), load_bias_bytes) {}

  [[nodiscard]] std::optional<Symbol> find(std::string_view name) const override {
    return symbols_.find(name);
  }
  [[nodiscard]] std::span<const Symbol> with_prefix(std::string_view prefix) const override {
    return symbols_.with_prefix(prefix);
  }
  [[nodiscard]] std::optional<Symbol> find_containing(Address address) const override {
    return symbols_.find_containing(address);
  }
  [[nodiscard]] std::optional<uint64_t> thread_local_offset(std::string_view name) const override {
    return symbols_.thread_local_offset(name);
  }
  [[nodiscard]] bool has_full_symbols() const override { return symbols_.has_full_symbols(); }

 private:
  ElfImage image_;
  ElfSymbols symbols_;
};

std::string path_of(lldb::SBModule& module) { return to_path(module.GetFileSpec()); }

/// The module that holds V8: libnode.so if there is one, else the executable.
lldb::SBModule find_v8_module(lldb::SBTarget& target) {
  for (uint32_t i = 0; i < target.GetNumModules(); ++i) {
    lldb::SBModule module = target.GetModuleAtIndex(i);
    const char* const name = module.GetFileSpec().GetFilename();
    if (name != nullptr && std::string_view(name).starts_with("libnode.so")) return module;
  }
  return target.FindModule(target.GetExecutable());
}

BinaryInfo describe(const ElfImage& image, uint64_t load_bias_bytes) {
  return {.path = image.path().string(),
          .verdict = BinaryVerdict::kMatch,
          .reason = "LLDB has it loaded",
          .build_id = image.build_id(),
          .core_build_id = image.build_id(),
          .load_bias_bytes = load_bias_bytes};
}

Address to_address(lldb::addr_t value) {
  return value == LLDB_INVALID_ADDRESS ? Address() : Address(value);
}

/// The general registers of `frame`, in the kernel's order (ThreadInfo::registers); 0 for those
/// that LLDB does not name.
std::vector<uint64_t> registers_of(lldb::SBFrame& frame, Machine machine) {
  constexpr std::array<const char*, 27> kX86 = {
      "r15",    "r14", "r13", "r12",     "rbp",     "rbx", "r11",      "r10", "r9",
      "r8",     "rax", "rcx", "rdx",     "rsi",     "rdi", "orig_rax", "rip", "cs",
      "rflags", "rsp", "ss",  "fs_base", "gs_base", "ds",  "es",       "fs",  "gs"};
  constexpr size_t kArmGeneral = 31;
  std::vector<std::string> names(kX86.begin(), kX86.end());
  if (machine == Machine::kAArch64) {
    names.clear();
    for (size_t i = 0; i < kArmGeneral; ++i) names.push_back(fmt::format("x{}", i));
    names.insert(names.end(), {"sp", "pc", "cpsr"});
  }
  std::vector<uint64_t> values;
  for (const std::string& name : names) {
    lldb::SBValue value = frame.FindRegister(name.c_str());
    values.push_back(value.IsValid() ? value.GetValueAsUnsigned() : 0);
  }
  // LLDB calls x29 and x30 of AArch64 by their roles.
  if (machine == Machine::kAArch64) {
    values[29] = frame.GetFP();
    if (values[30] == 0) values[30] = frame.FindRegister("lr").GetValueAsUnsigned();
  }
  return values;
}

void add_threads(lldb::SBProcess& process, ProcessInfo& info) {
  for (uint32_t i = 0; i < process.GetNumThreads(); ++i) {
    lldb::SBThread thread = process.GetThreadAtIndex(i);
    lldb::SBFrame frame = thread.GetFrameAtIndex(0);
    ThreadInfo& added = info.threads.emplace_back();
    added.tid = thread.GetThreadID();
    added.pc = to_address(frame.GetPC());
    added.sp = to_address(frame.GetSP());
    added.fp = to_address(frame.GetFP());
    added.registers = registers_of(frame, info.machine);
  }
}

/// The modules as if the kernel had listed them: one mapping each.
void add_files(lldb::SBTarget& target, ProcessInfo& info) {
  for (uint32_t i = 0; i < target.GetNumModules(); ++i) {
    lldb::SBModule module = target.GetModuleAtIndex(i);
    const Address begin = to_address(module.GetObjectFileHeaderAddress().GetLoadAddress(target));
    if (begin.is_null()) continue;
    Address end = begin;
    for (size_t s = 0; s < module.GetNumSections(); ++s) {
      lldb::SBSection section = module.GetSectionAtIndex(s);
      const Address start = to_address(section.GetLoadAddress(target));
      if (start >= begin) end = std::max(end, start + section.GetByteSize());
    }
    info.files.push_back({.range = {begin, end}, .path = path_of(module)});
  }
}

Machine machine_of(lldb::SBTarget& target) {
  const char* const triple = target.GetTriple();
  const std::string_view name = triple == nullptr ? "" : triple;
  if (name.starts_with("x86_64")) return Machine::kX86_64;
  if (name.starts_with("aarch64") || name.starts_with("arm64")) return Machine::kAArch64;
  throw Failure(ExitCode::kUnsupported,
                fmt::format("The process runs on {}. Known: x86-64 and AArch64.", name));
}

/// The symbols of the module, and what it is; none if its file is not at hand.
std::unique_ptr<SymbolSource> load_symbols(lldb::SBTarget& target, lldb::SBModule module,
                                           ProcessInfo& info) {
  const std::string path = module.IsValid() ? path_of(module) : "";
  if (path.empty()) {
    info.warnings.emplace_back("the target has no executable: only its memory can be used");
    return std::make_unique<NoSymbols>();
  }
  try {
    ElfImage image = ElfImage::open(path);
    const Address header = to_address(module.GetObjectFileHeaderAddress().GetLoadAddress(target));
    const std::optional<Address> lowest = image.lowest_address();
    // Modulo 2^64: the bias may be negative.
    const uint64_t bias = header.is_null() || !lowest ? 0 : header.value() - lowest->value();
    info.executable = describe(image, bias);
    return std::make_unique<ModuleSymbols>(std::move(image), bias);
  } catch (const Failure& failure) {
    info.warnings.emplace_back(failure.what());
    return std::make_unique<NoSymbols>();
  }
}

}  // namespace

HostTarget make_live_target(lldb::SBTarget& target, lldb::SBProcess& process) {
  HostTarget live;
  ProcessInfo& info = live.process;
  info.machine = machine_of(target);
  info.origin = CoreOrigin::kUnknown;
  info.pid = process.GetProcessID();
  lldb::SBProcessInfo details = process.GetProcessInfo();
  if (details.IsValid() && details.GetName() != nullptr) info.name = details.GetName();
  info.executable_path = to_path(target.GetExecutable());
  info.command_line = info.executable_path;
  add_threads(process, info);
  add_files(target, info);
  live.symbols = load_symbols(target, find_v8_module(target), info);
  if (is_core(process)) {
    info.warnings.emplace_back(
        "the core is read through LLDB, which is slower, because its file could not be mapped");
  }
  live.memory = std::make_unique<LiveMemory>(process);
  return live;
}

}  // namespace corewalk::plugin
