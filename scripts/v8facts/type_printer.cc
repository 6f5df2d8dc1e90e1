// Loaded into a Node.js binary by LD_PRELOAD; see node_binary.py. Prints the name that the binary's
// own V8 has for each instance type, one "NUMBER NAME" a line, and ends the process before main().
//
// V8_TYPE_PRINTER is the address of v8::internal::operator<<(std::ostream&, InstanceType).

#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

namespace {

constexpr int kLimit = 4096;
using Printer = std::ostream& (*)(std::ostream&, uint16_t);

sigjmp_buf unknown_number;

// V8 dies when it is asked for a number that is no instance type.
void leave(int /*signal_number*/) { siglongjmp(unknown_number, 1); }

void catch_deaths() {
  for (const int signal_number : {SIGILL, SIGTRAP, SIGABRT, SIGSEGV}) {
    struct sigaction action = {};
    action.sa_handler = leave;
    sigaction(signal_number, &action, nullptr);
  }
}

void print(Printer printer, int number) {
  if (sigsetjmp(unknown_number, /*savemask=*/1) != 0) return;
  // Not freed when V8 dies half-way, which does no harm here.
  auto* out = new std::ostringstream;
  printer(*out, static_cast<uint16_t>(number));
  printf("%d %s\n", number, out->str().c_str());
}

__attribute__((constructor)) void print_all() {
  const char* address = getenv("V8_TYPE_PRINTER");
  if (address == nullptr) return;  // some other program, started by the one we are for
  freopen("/dev/null", "w", stderr);
  catch_deaths();
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address is what we were given
  const auto printer = reinterpret_cast<Printer>(strtoull(address, nullptr, 0));
  for (int number = 0; number < kLimit; ++number) print(printer, number);
  fflush(stdout);
  _exit(0);
}

}  // namespace
