#include "commands/signal_text.h"

#include <fmt/format.h>

#include <csignal>

#include "report/units.h"

namespace corewalk {
namespace {

/// Who or what raised a signal, by si_code (sigaction(2)).
std::string cause_of(const SignalInfo& signal, uint64_t pid) {
  constexpr int kFromKernel = 0x80;
  if (signal.code == SI_USER || signal.code == SI_TKILL || signal.code == SI_QUEUE) {
    if (!signal.sender_pid || *signal.sender_pid == 0) return "sent by a process";
    if (*signal.sender_pid == pid) return "raised by the process itself";
    return fmt::format("sent by process {}", *signal.sender_pid);
  }
  if (signal.number == SIGSEGV && signal.code == SEGV_MAPERR) return "no memory at the address";
  if (signal.number == SIGSEGV && signal.code == SEGV_ACCERR) return "access not allowed";
  if (signal.code == kFromKernel) return "sent by the kernel";
  if (signal.code > 0 && signal.fault_address) return "raised by an instruction";
  return fmt::format("code {}", signal.code);
}

}  // namespace

std::string describe_end(const ProcessInfo& process) {
  if (process.origin == CoreOrigin::kDebugger) {
    return "nothing: a snapshot that a debugger took (gcore), the process went on";
  }
  if (!process.signal) {
    return process.core_path.empty() ? "nothing: the process is alive"
                                     : "unknown: the core names no signal";
  }
  const SignalInfo& signal = *process.signal;
  std::string text = signal.name() == "signal" ? fmt::format("signal {}", signal.number)
                                               : std::string(signal.name());
  text += fmt::format(" ({})", signal.description());
  if (signal.has_details) text += ", " + cause_of(signal, process.pid);
  if (signal.fault_address) text += " at " + format_address(*signal.fault_address);
  return text;
}

}  // namespace corewalk
