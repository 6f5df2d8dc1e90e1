#include "memory/process_info.h"

#include <algorithm>
#include <array>

namespace corewalk {
namespace {

struct SignalName {
  int number;
  std::string_view name;
  std::string_view description;
};

// Linux numbers, the same on x86-64 and AArch64. Ours and not strsignal(): the core may come from
// another system than the one we run on.
constexpr std::array<SignalName, 31> kSignals = {{
    {1, "SIGHUP", "hangup"},
    {2, "SIGINT", "interrupt"},
    {3, "SIGQUIT", "quit"},
    {4, "SIGILL", "illegal instruction"},
    {5, "SIGTRAP", "trap"},
    {6, "SIGABRT", "abort"},
    {7, "SIGBUS", "bus error"},
    {8, "SIGFPE", "arithmetic exception"},
    {9, "SIGKILL", "killed"},
    {10, "SIGUSR1", "user signal 1"},
    {11, "SIGSEGV", "segmentation fault"},
    {12, "SIGUSR2", "user signal 2"},
    {13, "SIGPIPE", "broken pipe"},
    {14, "SIGALRM", "alarm"},
    {15, "SIGTERM", "terminated"},
    {16, "SIGSTKFLT", "stack fault"},
    {17, "SIGCHLD", "child exited"},
    {18, "SIGCONT", "continued"},
    {19, "SIGSTOP", "stopped"},
    {20, "SIGTSTP", "stopped from the terminal"},
    {21, "SIGTTIN", "stopped: terminal input"},
    {22, "SIGTTOU", "stopped: terminal output"},
    {23, "SIGURG", "urgent I/O"},
    {24, "SIGXCPU", "CPU time limit exceeded"},
    {25, "SIGXFSZ", "file size limit exceeded"},
    {26, "SIGVTALRM", "virtual timer"},
    {27, "SIGPROF", "profiling timer"},
    {28, "SIGWINCH", "window changed"},
    {29, "SIGIO", "I/O possible"},
    {30, "SIGPWR", "power failure"},
    {31, "SIGSYS", "bad system call"},
}};

const SignalName* find_signal(int number) {
  const auto* const found = std::find_if(kSignals.begin(), kSignals.end(),
                                         [&](const SignalName& s) { return s.number == number; });
  return found == kSignals.end() ? nullptr : found;
}

}  // namespace

std::string_view SignalInfo::name() const {
  const SignalName* signal = find_signal(number);
  return signal == nullptr ? "signal" : signal->name;
}

std::string_view SignalInfo::description() const {
  const SignalName* signal = find_signal(number);
  return signal == nullptr ? "unknown signal" : signal->description;
}

}  // namespace corewalk
